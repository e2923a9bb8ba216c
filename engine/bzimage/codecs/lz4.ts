import { bzimageErrors } from '../../errors/bzimage.js';
import { viewOf } from '../../elf/header.js';
import type { Bytes } from '../../units.js';
import { CappedOutput, throwIfCancelled, type Decoder } from './codec.js';

const magic = 0x184c2102;

/** What a block unpacks to at most (lib/decompress_unlz4.c, LZ4_DEFAULT_UNCOMPRESSED_CHUNK_SIZE). */
const blockSize: Bytes = 8 * 1024 * 1024;

/**
 * lz4's legacy frame (`lz4 -l`), the only one that kernels use: the magic, then
 * blocks of a 32-bit size and as many bytes. Frames may follow each other.
 */
export const decodeLz4: Decoder = async (input, { limit, signal }) => {
  const view = viewOf(input);
  const output = new CappedOutput('lz4', limit);
  const scratch = new Uint8Array(blockSize);
  let at = 4;
  while (at < input.length) {
    throwIfCancelled(signal);
    if (at + 4 > input.length) throw corrupt('it ends within a block size');
    const size = view.getUint32(at, true);
    at += 4;
    if (size === magic) continue;
    if (size > input.length - at) throw corrupt(`a block of ${size} bytes reaches beyond its end`);
    const length = decodeBlock(input.subarray(at, at + size), scratch);
    output.add(scratch.slice(0, length));
    at += size;
    // A block takes some 20 ms: let timers and Ctrl-C in between.
    await new Promise(setImmediate);
  }
  return output.bytes();
};

function corrupt(reason: string): Error {
  return bzimageErrors.payloadCorrupt({ codec: 'lz4', reason });
}

/**
 * Decodes one block of sequences (token, literals, offset, match) into `out`
 * and returns how many bytes came out. Format: lz4_Block_format.md.
 */
function decodeBlock(input: Uint8Array, out: Uint8Array): Bytes {
  let at = 0;
  let to = 0;

  /** A length of 15 goes on in bytes of 255 and ends with a smaller one. */
  const extend = (length: number): number => {
    if (length < 15) return length;
    let more: number | undefined;
    do {
      more = input[at++];
      if (more === undefined) throw corrupt('a length runs out of its block');
      length += more;
    } while (more === 255);
    return length;
  };

  while (at < input.length) {
    const token = input[at++]!;
    const literals = extend(token >>> 4);
    if (literals > input.length - at || literals > out.length - to) {
      throw corrupt('literals run out of their block');
    }
    out.set(input.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has no match.
    if (at === input.length) break;
    if (at + 2 > input.length) throw corrupt('a match has no offset');
    const offset = input[at]! | (input[at + 1]! << 8);
    at += 2;
    const length = extend(token & 15) + 4;
    if (offset === 0 || offset > to || length > out.length - to) {
      throw corrupt('a match lies outside of its block');
    }
    // A match may overlap what it writes, so nearly all are copied byte by byte.
    if (offset >= length) out.copyWithin(to, to - offset, to - offset + length);
    else for (let i = 0; i < length; i++) out[to + i] = out[to + i - offset]!;
    to += length;
  }
  return to;
}
