import { once } from 'node:events';
import { crc32, gzipSync } from 'node:zlib';
import { compress } from '@bokuweb/zstd-wasm';
import lzma from 'lzma-native';
import { zstdReady } from '../../engine/bzimage/codecs/zstd.js';
import { headerFields, type FieldName } from '../../engine/bzimage/fields.js';

/** Writes small bzImages for tests: a real header, dummy code, a real payload. */
export interface BuildBzImage {
  payload: Uint8Array;
  /** `setup_sects` as written; 0 means 4. */
  setupSects?: number;
  protocol?: number;
  kernelVersion?: string;
  /** Fields to overwrite last, by name. */
  fields?: Partial<Record<FieldName, number | bigint>>;
  /** Add the PE header of an EFI stub. */
  efi?: boolean;
  /** Sign it: append bytes and point data directory 4 at them (needs `efi`). */
  signature?: Uint8Array;
}

/** Bytes of (dummy) decompressor code in front of the payload. */
const codeSize = 64;

export function buildBzImage(options: BuildBzImage): Uint8Array {
  const { payload, setupSects = 7, protocol = 0x020f, signature } = options;
  const setupSize = ((setupSects || 4) + 1) * 512;
  const codeEnd = Math.ceil((codeSize + payload.length + 4) / 16) * 16;
  const bytes = new Uint8Array(setupSize + codeEnd);
  bytes.fill(0x90, setupSize, setupSize + codeSize);
  bytes.set(payload, setupSize + codeSize);
  if (options.efi) writePe(bytes, setupSize);
  const version = Buffer.from(`${options.kernelVersion ?? '6.1.0 (a@b) #1 SMP'}\0`);
  bytes.set(version, 0x300);
  const values: Partial<Record<FieldName, number | bigint>> = {
    setup_sects: setupSects,
    syssize: codeEnd / 16,
    boot_flag: 0xaa55,
    jump: 0x6aeb,
    header: 0x53726448,
    version: protocol,
    kernel_version: 0x100,
    loadflags: 1,
    xloadflags: 0x6b,
    payload_offset: codeSize,
    payload_length: payload.length,
    pref_address: 0x1000000n,
    init_size: 0x2000000,
    ...options.fields,
  };
  for (const { name, offset, size } of headerFields) {
    let rest = BigInt(values[name] ?? 0);
    for (let i = 0; i < size; i++, rest >>= 8n) bytes[offset + i] = Number(rest & 0xffn);
  }
  const end = bytes.length - 4;
  new DataView(bytes.buffer).setUint32(end, ~crc32(bytes.subarray(0, end)) >>> 0, true);
  return signature ? sign(bytes, signature) : bytes;
}

const peAt = 0x40;
const certificateEntryAt = peAt + 24 + 112 + 4 * 8;

/** A PE32+ header with one section, `.text`, for the protected-mode code. */
function writePe(bytes: Uint8Array, setupSize: number): void {
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('MZ'), 0);
  view.setUint32(0x3c, peAt, true);
  bytes.set(Buffer.from('PE\0\0'), peAt);
  view.setUint16(peAt + 4, 0x8664, true);
  view.setUint16(peAt + 6, 1, true);
  view.setUint16(peAt + 20, 160, true);
  view.setUint16(peAt + 24, 0x20b, true);
  view.setUint32(peAt + 24 + 56, bytes.length, true);
  const section = peAt + 24 + 160;
  bytes.set(Buffer.from('.text'), section);
  view.setUint32(section + 8, bytes.length - setupSize, true);
  view.setUint32(section + 12, setupSize, true);
  view.setUint32(section + 16, bytes.length - setupSize, true);
  view.setUint32(section + 20, setupSize, true);
}

function sign(bytes: Uint8Array, signature: Uint8Array): Uint8Array {
  const file = new Uint8Array(Buffer.concat([bytes, signature]));
  const view = new DataView(file.buffer);
  view.setUint32(certificateEntryAt, bytes.length, true);
  view.setUint32(certificateEntryAt + 4, signature.length, true);
  return file;
}

/** The payload as the kernel's Makefiles make it: the stream, then its uncompressed size. */
export function withSize(stream: Uint8Array, size: number): Uint8Array {
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setUint32(0, size, true);
  return Buffer.concat([stream, tail]);
}

export function gzipPayload(data: Uint8Array): Uint8Array {
  return gzipSync(data, { level: 9 });
}

/** xz with the x86 filter and a CRC-32, as scripts/xz_wrap.sh makes it. */
export function xzStream(data: Uint8Array): Promise<Uint8Array> {
  const filters = [{ id: lzma.FILTER_X86 }, { id: lzma.FILTER_LZMA2 }];
  return lzmaStream('streamEncoder', { filters, check: lzma.CHECK_CRC32 }, data);
}

/** The older `.lzma` format. */
export function lzmaAloneStream(data: Uint8Array): Promise<Uint8Array> {
  return lzmaStream('aloneEncoder', { preset: 1 }, data);
}

async function lzmaStream(
  coder: 'streamEncoder' | 'aloneEncoder',
  options: object,
  data: Uint8Array,
): Promise<Uint8Array> {
  const stream = lzma.createStream(coder, options);
  const chunks: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  stream.end(data);
  await once(stream, 'end');
  return Buffer.concat(chunks);
}

export async function zstdStream(data: Uint8Array): Promise<Uint8Array> {
  await zstdReady();
  return compress(Buffer.from(data), 19);
}

/** lz4's legacy frame with nothing but literals: valid, if not small. */
export function lz4Stream(data: Uint8Array): Uint8Array {
  return lz4Frame([lz4Sequence(data)]);
}

export function lz4Frame(blocks: Uint8Array[]): Uint8Array {
  const pieces: Uint8Array[] = [Buffer.from([0x02, 0x21, 0x4c, 0x18])];
  for (const block of blocks) {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    pieces.push(size, block);
  }
  return Buffer.concat(pieces);
}

/** Literals, then, where an offset is given, a match of `length` bytes from there. */
export function lz4Sequence(
  literals: Uint8Array,
  match?: { offset: number; length: number },
): Uint8Array {
  const extra = (length: number): number[] => {
    const bytes: number[] = [];
    let rest = length - 15;
    if (rest < 0) return bytes;
    for (; rest >= 255; rest -= 255) bytes.push(255);
    return [...bytes, rest];
  };
  const matchLength = match ? match.length - 4 : 0;
  const token = (Math.min(literals.length, 15) << 4) | Math.min(matchLength, 15);
  return Buffer.concat([
    Buffer.from([token, ...extra(literals.length)]),
    literals,
    Buffer.from(match ? [match.offset & 0xff, match.offset >> 8, ...extra(matchLength)] : []),
  ]);
}
