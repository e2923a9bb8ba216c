import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { commonErrors } from '../errors/common.js';
import { elfErrors } from '../errors/elf.js';
import type { Bytes, FileOffset } from '../units.js';
import { maximumRead } from './limits.js';

/**
 * Bytes that can be asked for by place. Reading is synchronous: what is asked
 * for are a few tables of some megabytes, which arrive faster than a promise a
 * piece would take to settle.
 */
export interface ByteSource {
  readonly size: Bytes;
  /**
   * The bytes at `[offset, offset + size)`. They may be shared with the source:
   * do not write to them.
   * @param what names the thing that is read, for the error message
   * @throws elf-out-of-file, elf-limit, elf-unreadable
   */
  read(offset: FileOffset, size: Bytes, what: string): Uint8Array;
}

/** A file that is held open until `close`. */
export interface FileSource extends ByteSource {
  close(): void;
}

/** @throws elf-out-of-file, elf-limit */
function checkRange(source: ByteSource, offset: FileOffset, size: Bytes, what: string): void {
  // Number.isSafeInteger also refuses NaN and negative sizes made of wrapped arithmetic.
  const sane = Number.isSafeInteger(offset) && Number.isSafeInteger(size) && offset >= 0;
  if (!sane || size < 0 || offset > source.size - size) {
    throw elfErrors.outOfFile({ what, offset, size, fileSize: source.size });
  }
  if (size > maximumRead) {
    throw elfErrors.limit({ what, limit: maximumRead, place: { offset } });
  }
}

/** Bytes in memory; `read` returns views, not copies. */
export function memorySource(bytes: Uint8Array): ByteSource {
  const source: ByteSource = {
    size: bytes.length,
    read(offset, size, what) {
      checkRange(source, offset, size, what);
      return bytes.subarray(offset, offset + size);
    },
  };
  return source;
}

/**
 * Opens a file of which only the pieces that are asked for are read (pread).
 * @throws file-missing
 */
export function openFileSource(file: string): FileSource {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (cause) {
    throw commonErrors.fileMissing({ file, what: 'the ELF file' }, cause);
  }
  const source: FileSource = {
    size: fstatSync(descriptor).size,
    read(offset, size, what) {
      checkRange(source, offset, size, what);
      const bytes = new Uint8Array(size);
      let done = 0;
      while (done < size) {
        const count = readPiece(descriptor, bytes, done, offset + done, file);
        done += count;
      }
      return bytes;
    },
    close: () => closeSync(descriptor),
  };
  return source;
}

/** One pread. @throws elf-unreadable on an error, or when the file shrank since it was opened */
function readPiece(
  descriptor: number,
  into: Uint8Array,
  at: number,
  offset: FileOffset,
  file: string,
): Bytes {
  let count: number;
  try {
    count = readSync(descriptor, into, at, into.length - at, offset);
  } catch (cause) {
    throw elfErrors.unreadable({ file, reason: (cause as Error).message }, cause);
  }
  if (count === 0) {
    throw elfErrors.unreadable({ file, reason: 'it is shorter than when it was opened' });
  }
  return count;
}
