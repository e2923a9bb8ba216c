import type { Milliseconds } from './units.js';

/**
 * Progress of long work. The engine reports; who called it draws. A job's
 * events are `start`, any number of `step` and `line`, then `end`.
 */
export type ProgressEvent =
  | { kind: 'start'; job: string; title: string; expected?: Milliseconds | undefined }
  | {
      kind: 'step';
      job: string;
      /** What is being done now, a few words: `CC kernel/fork.o`. */
      detail: string;
      /** Units done and expected in all, when they can be counted. */
      done?: number | undefined;
      total?: number | undefined;
    }
  /** A line of output of the work itself (compiler, guest console). */
  | { kind: 'line'; job: string; text: string }
  | {
      kind: 'end';
      job: string;
      result: 'done' | 'cached' | 'failed' | 'cancelled';
      detail?: string;
    };

export type ProgressListener = (event: ProgressEvent) => void;

/** What every long function of the engine takes besides its own parameters. */
export interface JobOptions {
  onProgress?: ProgressListener | undefined;
  signal?: AbortSignal | undefined;
}
