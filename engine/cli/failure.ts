import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import type { errorDocument } from '../contract.js';
import { errorBodyOf } from '../errors/error-body.js';
import { exitCodes, hex, type LabError } from '../errors/index.js';
import { tidy } from '../report/figures.js';
import { fileLogger } from '../workspace/log.js';
import type { Colours } from './colours.js';

/** Exit code of a bug in the lab: EX_SOFTWARE of sysexits.h. */
export const bugExitCode = 70;

/** An error of the catalogue as people read it on stderr. */
export function failureText(error: LabError, colours: Colours): string {
  const place = placeText(error);
  // Messages may quote a hostile file: no line of theirs may move the cursor.
  const lines = error.message.split('\n').map(tidy);
  return [
    `${colours.red('error:')} ${lines.join('\n  ')} ${colours.dim(`[${error.code}]`)}`,
    ...(place === '' ? [] : [`  at ${place}`]),
    `  ${colours.cyan('hint:')} ${tidy(error.hint)}`,
  ].join('\n');
}

/** `vmlinux:0x1f1 .note.Xen xen_start`, as far as it is known. */
function placeText({ place }: LabError): string {
  if (place === undefined) return '';
  const { file, offset, section, symbol } = place;
  const at = offset === undefined ? undefined : hex(offset);
  const head = [file, at].filter((part) => part !== undefined).join(':');
  return tidy([head, section, symbol].filter(Boolean).join(' '));
}

/** The same for `--json`. */
export function failureDocument(error: LabError): z.infer<typeof errorDocument> {
  return { schema: 'kbl-error', version: 1, error: errorBodyOf(error) };
}

export function exitCodeOf(error: LabError): number {
  return exitCodes[error.kind];
}

/** Writes a bug's stack to the workspace's log and returns the lines for the user. */
export function bugText(error: unknown, home: string, colours: Colours): string {
  const file = join(home, 'log', 'kbl.log');
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch {
    // The logger then writes nothing, and the message below still says what happened.
  }
  fileLogger(file).error(`bug: ${message}`, { stack });
  return [
    `${colours.red('error:')} a bug in Kernel Boot Lab: ${tidy(message)}`,
    `  ${colours.cyan('hint:')} its stack is at the end of ${tidy(file)}; please report it`,
  ].join('\n');
}
