import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { buildErrors } from '../errors/index.js';
import type { JobOptions } from '../progress.js';
import type { Milliseconds } from '../units.js';
import { buildEnvironment, makeArguments } from './environment.js';
import { createMakeReader, hintForFailure } from './make-output.js';
import { runTool } from './process.js';

export interface CompileRequest {
  flavour: string;
  tree: string;
  /** Configured build folder. */
  output: string;
  jobs: number;
  /** Steps that are expected in all; a guess. */
  expectedSteps: number | undefined;
  /** Job of the progress events. */
  job: string;
  /** File for everything that make prints. */
  logFile: string;
}

/**
 * Runs `make bzImage` in a configured build folder.
 * @returns how many steps make printed, and how long it ran
 * @throws build-make-failed, cancelled
 */
export async function compile(
  { flavour, tree, output, jobs, expectedSteps, job, logFile }: CompileRequest,
  { onProgress, signal }: JobOptions,
): Promise<{ steps: number; wall: Milliseconds }> {
  const what = `building ${flavour}`;
  const argv = makeArguments(tree, output, 'bzImage', jobs);
  const log = createWriteStream(logFile);
  // A disk that fills up ends the log, not the build: make will notice by itself.
  log.on('error', () => undefined);
  log.write(`make ${argv.join(' ')}\n`);

  const reader = createMakeReader();
  const start = performance.now();
  try {
    const status = await runTool({
      what,
      program: 'make',
      argv,
      environment: buildEnvironment(),
      signal,
      onLine(text) {
        log.write(`${text}\n`);
        if (!reader.line(text)) {
          onProgress?.({ kind: 'line', job, text });
          return;
        }
        const done = reader.steps;
        const total = expectedSteps === undefined ? undefined : Math.max(expectedSteps, done);
        onProgress?.({ kind: 'step', job, detail: text.trim().replace(/ +/g, ' '), done, total });
      },
    });
    if (status !== 0) {
      const errors = reader.failure();
      throw buildErrors.makeFailed({ what, errors, log: logFile, hint: hintForFailure(errors) });
    }
  } finally {
    log.end();
    await finished(log).catch(() => undefined);
  }
  return { steps: reader.steps, wall: Math.round(performance.now() - start) };
}
