import { consoleLimit } from '../types.js';
import type { Bytes } from '../../units.js';

export interface ConsoleStore {
  push(bytes: Uint8Array): void;
  /** Bytes seen, kept or not. */
  readonly size: Bytes;
  contents(): { bytes: Uint8Array; truncated: boolean };
}

/**
 * Keeps a console within `limit` bytes: its first half, where a boot is
 * described, and its last, where it ends. A line between them tells how much
 * was left out.
 */
export function createConsoleStore(limit: Bytes = consoleLimit): ConsoleStore {
  const half = Math.floor(limit / 2);
  const head: Uint8Array[] = [];
  let headSize = 0;
  let tail: Uint8Array[] = [];
  let tailSize = 0;
  let size = 0;

  const compactTail = (): void => {
    const last = concatenate(tail).slice(-half);
    tail = [last];
    tailSize = last.length;
  };

  return {
    get size() {
      return size;
    },
    push(bytes) {
      size += bytes.length;
      const first = bytes.slice(0, half - headSize);
      if (first.length > 0) {
        head.push(first);
        headSize += first.length;
      }
      if (first.length === bytes.length) return;
      tail.push(bytes.slice(first.length));
      tailSize += bytes.length - first.length;
      if (tailSize > 2 * half) compactTail();
    },
    contents() {
      if (tailSize > half) compactTail();
      const left = size - headSize - tailSize;
      if (left === 0) return { bytes: concatenate([...head, ...tail]), truncated: false };
      const mark = new TextEncoder().encode(`\n[... ${left} bytes of console left out ...]\n`);
      return { bytes: concatenate([...head, mark, ...tail]), truncated: true };
    },
  };
}

function concatenate(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
