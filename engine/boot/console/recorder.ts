import type { Bytes, Milliseconds } from '../../units.js';
import { createScanner } from './scanner.js';
import type { Sign } from './signs.js';
import { createConsoleStore } from './store.js';

/** Everything that happens to a console's bytes: kept, searched for signs, handed to readers. */
export interface ConsoleRecorder {
  readonly push: (bytes: Uint8Array) => void;
  /** No more bytes will come. */
  readonly end: () => void;
  readonly addListener: (listener: (bytes: Uint8Array) => void) => () => void;
  readonly size: Bytes;
  /** When the last byte came, by the clock given; 0 before the first. */
  readonly lastByte: Milliseconds;
  /** Signs so far, and when they came. */
  readonly signs: readonly { sign: Sign; at: Milliseconds }[];
  contents(): { bytes: Uint8Array; truncated: boolean };
}

export function createRecorder(
  doneLine: string,
  clock: () => Milliseconds,
  onLine: (line: string) => void,
): ConsoleRecorder {
  const store = createConsoleStore();
  const listeners = new Set<(bytes: Uint8Array) => void>();
  const signs: { sign: Sign; at: Milliseconds }[] = [];
  const scanner = createScanner(doneLine, {
    onLine,
    onSign: (sign) => signs.push({ sign, at: clock() }),
  });
  let lastByte: Milliseconds = 0;
  return {
    signs,
    get size() {
      return store.size;
    },
    get lastByte() {
      return lastByte;
    },
    push(bytes) {
      lastByte = clock();
      store.push(bytes);
      scanner.push(bytes);
      for (const listener of listeners) listener(bytes);
    },
    end: () => scanner.end(),
    addListener(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    contents: () => store.contents(),
  };
}
