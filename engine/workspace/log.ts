import { appendFileSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import type { Bytes } from '../units.js';
import type { Logger, LogLevel, WorkspaceOptions } from './types.js';

/** A log this long is set aside when a workspace is next opened. One old log is kept. */
export const logLimit: Bytes = 2 * 1024 * 1024;

/**
 * A logger that appends `TIME PID LEVEL message {details}` to a file, a line an
 * event. The file is opened for each line: lines of several processes do not
 * mix, none is lost in a crash, and the file may be set aside at any time.
 */
export function fileLogger(file: string, options: WorkspaceOptions = {}): Logger {
  const write = (level: LogLevel, message: string, details?: Record<string, unknown>): void => {
    if (level === 'debug' && !options.verbose) return;
    const time = new Date().toISOString();
    const tail = details === undefined ? '' : ` ${detailsJson(details)}`;
    const line = `${time} ${process.pid} ${level} ${oneLine(message)}${tail}`;
    try {
      appendFileSync(file, `${line}\n`);
    } catch {
      // A log that cannot be written (disk full) must not stop the job it tells of.
    }
    if (options.verbose) options.echo?.(line);
  };
  return {
    debug: (message, details) => write('debug', message, details),
    info: (message, details) => write('info', message, details),
    warn: (message, details) => write('warn', message, details),
    error: (message, details) => write('error', message, details),
  };
}

export async function isLong(file: string): Promise<boolean> {
  return ((await stat(file).catch(() => undefined))?.size ?? 0) > logLimit;
}

/** Sets a long log aside as `FILE.1`. To be called by one process at a time. */
export async function rotate(file: string): Promise<void> {
  if (await isLong(file)) await rename(file, `${file}.1`);
}

/** Messages may quote a guest or a file name: line ends and escapes are spelled out. */
function oneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What JSON would leave out of an error, and its own fields, such as the code. */
function errorFields(error: Error): object {
  return Object.assign({}, error, { message: error.message, stack: error.stack });
}

function detailsJson(details: Record<string, unknown>): string {
  try {
    const json = JSON.stringify(details, (_key, value: unknown) => {
      if (typeof value === 'bigint') return `0x${value.toString(16)}`;
      if (value instanceof Error) return errorFields(value);
      return value;
    });
    return oneLine(json);
  } catch {
    return '{"unprintable":true}';
  }
}
