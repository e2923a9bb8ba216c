import type { ErrorKind, ErrorPlace } from '../../../engine/errors/lab-error.js';
import { LabError } from '../../../engine/errors/lab-error.js';
import type { ProgressEvent } from '../../../engine/progress.js';

/** What crosses between the engine host and its threads: both are the same program, so nothing is validated. */

/** Host to thread. */
export type ThreadOrder =
  { kind: 'run'; id: number; task: string; params: unknown } | { kind: 'cancel'; id: number };

/** Thread to host. */
export type ThreadReport =
  | { kind: 'progress'; id: number; event: ProgressEvent }
  | { kind: 'done'; id: number; result: unknown }
  | { kind: 'failed'; id: number; error: ThreadError };

/** An error as data: cloning an Error keeps neither its code nor its class. */
export type ThreadError =
  | {
      code: string;
      kind: ErrorKind;
      message: string;
      place: ErrorPlace | undefined;
      hint: string;
    }
  | { code: null; message: string; stack: string | undefined };

export function toThreadError(error: unknown): ThreadError {
  if (error instanceof LabError) {
    const { code, kind, message, place, hint } = error;
    return { code, kind, message, place, hint };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: null, message, stack };
}

/** The error that was thrown in the thread, as the host throws it on. */
export function fromThreadError(told: ThreadError): Error {
  if (told.code !== null) return new LabError(told.code, told.kind, told);
  const error = new Error(told.message);
  if (told.stack !== undefined) error.stack = told.stack;
  return error;
}
