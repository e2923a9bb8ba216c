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
  const head = createBlocks();
  let headSize = 0;
  let tail = createBlocks();
  let tailSize = 0;
  let size = 0;

  const compactTail = (): void => {
    const last = concatenate(tail.parts()).slice(-half);
    tail = createBlocks();
    tail.push(last);
    tailSize = last.length;
  };

  return {
    get size() {
      return size;
    },
    push(bytes) {
      size += bytes.length;
      const first = bytes.subarray(0, half - headSize);
      head.push(first);
      headSize += first.length;
      if (first.length === bytes.length) return;
      tail.push(bytes.subarray(first.length));
      tailSize += bytes.length - first.length;
      if (tailSize > 2 * half) compactTail();
    },
    contents() {
      if (tailSize > half) compactTail();
      const left = size - headSize - tailSize;
      if (left === 0)
        return { bytes: concatenate([...head.parts(), ...tail.parts()]), truncated: false };
      const mark = new TextEncoder().encode(`\n[... ${left} bytes of console left out ...]\n`);
      return { bytes: concatenate([...head.parts(), mark, ...tail.parts()]), truncated: true };
    },
  };
}

const blockSize: Bytes = 64 * 1024;

/**
 * Bytes that come one after the other. A serial port hands over single ones,
 * and an array for each would weigh twenty times what it holds.
 */
function createBlocks(): { push(bytes: Uint8Array): void; parts(): Uint8Array[] } {
  const full: Uint8Array[] = [];
  let block = new Uint8Array(blockSize);
  let filled = 0;
  return {
    push(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (filled === blockSize) {
          full.push(block);
          block = new Uint8Array(blockSize);
          filled = 0;
        }
        const piece = bytes.subarray(at, at + blockSize - filled);
        block.set(piece, filled);
        filled += piece.length;
        at += piece.length;
      }
    },
    parts: () => [...full, block.subarray(0, filled)],
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
