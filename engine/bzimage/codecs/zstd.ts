import { decompress, init } from '@bokuweb/zstd-wasm';
import { bzimageErrors } from '../../errors/bzimage.js';
import { viewOf } from '../../elf/header.js';
import type { Bytes } from '../../units.js';
import { throwIfCancelled, type Decoder } from './codec.js';

let ready: Promise<void> | undefined;

/**
 * Loads the wasm module, once a process: a second `init` would swap the memory
 * under calls that are being made. Whoever uses the package goes through here.
 */
export function zstdReady(): Promise<void> {
  return (ready ??= init());
}

/**
 * zstd, in WebAssembly. The library unpacks in one call into memory it takes
 * beforehand, so the frame is measured first, block by block (RFC 8878,
 * section 3.1.1): a bomb is refused before a byte of it is unpacked.
 */
export const decodeZstd: Decoder = async (input, { limit, signal }) => {
  const frame = measureFrame(input);
  if (frame.mostOutput > limit) throw bzimageErrors.payloadTooLarge({ codec: 'zstd', limit });
  if (frame.contentSize !== null && frame.contentSize > frame.mostOutput) {
    throw corrupt(`its header claims ${frame.contentSize} bytes, its blocks cannot hold them`);
  }
  if (frame.mostOutput === 0) return new Uint8Array(0);
  await zstdReady();
  throwIfCancelled(signal);
  try {
    const options = { defaultHeapSize: frame.mostOutput };
    return decompress(Buffer.from(input.subarray(0, frame.size)), options);
  } catch (cause) {
    throw bzimageErrors.payloadCorrupt({ codec: 'zstd', reason: 'a block is invalid' }, cause);
  }
};

function corrupt(reason: string): Error {
  return bzimageErrors.payloadCorrupt({ codec: 'zstd', reason });
}

interface Frame {
  /** Bytes of the frame in the input. */
  size: Bytes;
  /** Upper bound of what it unpacks to; off by less than one block. */
  mostOutput: Bytes;
  /** What the frame header claims, if anything. */
  contentSize: Bytes | null;
}

/** Blocks never unpack to more than this (RFC 8878, Block_Maximum_Size). */
const blockSize: Bytes = 128 * 1024;
const blockTypes = ['raw', 'rle', 'compressed', 'reserved'] as const;

/** Walks the frame's header and block headers. */
function measureFrame(input: Uint8Array): Frame {
  const { headerSize, checksum, contentSize } = readFrameHeader(input);
  let at = headerSize;
  let mostOutput = 0;
  for (let last = false; !last;) {
    if (at + 3 > input.length) throw corrupt('it ends before its last block');
    const header = input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16);
    last = (header & 1) === 1;
    const type = blockTypes[(header >>> 1) & 3];
    const size = header >>> 3;
    if (type === 'reserved' || size > blockSize) throw corrupt('a block header is invalid');
    mostOutput += type === 'compressed' ? blockSize : size;
    at += 3 + (type === 'rle' ? 1 : size);
  }
  at += checksum ? 4 : 0;
  if (at > input.length) throw corrupt('its last block is cut short');
  return { size: at, mostOutput, contentSize };
}

/** Frame_Header_Descriptor and the fields whose widths it gives. */
function readFrameHeader(input: Uint8Array): {
  headerSize: Bytes;
  checksum: boolean;
  contentSize: Bytes | null;
} {
  const descriptor = input[4];
  if (descriptor === undefined) throw corrupt('it has no frame header');
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentAt = 5 + (singleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]!;
  const contentWidth = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
  const headerSize = contentAt + contentWidth;
  if (headerSize > input.length) throw corrupt('its frame header is cut short');
  return {
    headerSize,
    checksum: (descriptor & 4) !== 0,
    contentSize:
      contentWidth === 0 ? null : readContentSize(viewOf(input), contentAt, contentWidth),
  };
}

function readContentSize(view: DataView, at: number, width: number): Bytes {
  if (width === 1) return view.getUint8(at);
  // Two bytes count from 256 on, since smaller sizes take one byte.
  if (width === 2) return view.getUint16(at, true) + 256;
  if (width === 4) return view.getUint32(at, true);
  return Number(view.getBigUint64(at, true));
}
