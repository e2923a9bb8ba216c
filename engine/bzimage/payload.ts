import { isElf, viewOf } from '../elf/header.js';
import { bzimageErrors } from '../errors/bzimage.js';
import type { JobOptions } from '../progress.js';
import type { Bytes } from '../units.js';
import { decodeBzip2 } from './codecs/bzip2.js';
import { throwIfCancelled, type CodecName, type Decoder } from './codecs/codec.js';
import { decodeGzip } from './codecs/gzip.js';
import { decodeLz4 } from './codecs/lz4.js';
import { decodeLzma, decodeXz } from './codecs/xz.js';
import { decodeZstd } from './codecs/zstd.js';

/** Most bytes a payload may unpack to. The largest distribution kernels take some 70 MB. */
export const defaultPayloadLimit: Bytes = 256 * 1024 * 1024;

interface Codec {
  name: CodecName | 'lzo';
  magic: readonly number[];
  decode: Decoder;
}

/** Magic numbers as in Documentation/x86/boot.rst (payload_offset) and lib/decompress.c. */
const codecs: readonly Codec[] = [
  { name: 'gzip', magic: [0x1f, 0x8b, 0x08], decode: decodeGzip },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], decode: decodeXz },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], decode: decodeZstd },
  { name: 'lz4', magic: [0x02, 0x21, 0x4c, 0x18], decode: decodeLz4 },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], decode: decodeBzip2 },
  { name: 'lzma', magic: [0x5d, 0x00, 0x00], decode: decodeLzma },
  { name: 'lzo', magic: [0x89, 0x4c, 0x5a, 0x4f], decode: refuseLzo },
];

function refuseLzo(): Promise<never> {
  return Promise.reject(bzimageErrors.payloadLzo({}));
}

/** The codec whose magic some bytes begin with; `none` for a bare ELF. */
export function detectCodec(bytes: Uint8Array): CodecName | 'lzo' | undefined {
  if (isElf(bytes)) return 'none';
  return codecFor(bytes)?.name;
}

function codecFor(bytes: Uint8Array): Codec | undefined {
  return codecs.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte));
}

export interface UnpackOptions extends JobOptions {
  /** Refuse to unpack more than this. */
  limit?: Bytes | undefined;
  /**
   * Whether 4 bytes of uncompressed size follow the compressed stream, as in a
   * bzImage (`size_append` in scripts/Makefile.lib). A gzip stream ends in them anyway.
   */
  sizeAppended: boolean;
}

export interface UnpackedPayload {
  codec: CodecName;
  data: Uint8Array;
}

/**
 * Unpacks a payload, whatever it is compressed with. Sizes in headers are
 * compared with what came out; nothing is allocated for them.
 * @throws payload-unknown, payload-lzo, payload-corrupt, payload-too-large, cancelled
 */
export async function unpackPayload(
  payload: Uint8Array,
  { limit = defaultPayloadLimit, sizeAppended, signal }: UnpackOptions,
): Promise<UnpackedPayload> {
  throwIfCancelled(signal);
  if (isElf(payload)) return { codec: 'none', data: payload };
  const codec = codecFor(payload);
  if (!codec) {
    const found = Buffer.from(payload.subarray(0, 4)).toString('hex') || 'nothing';
    throw bzimageErrors.payloadUnknown({ found });
  }
  const cut = sizeAppended && codec.name !== 'gzip' && payload.length >= 4 ? 4 : 0;
  const input = payload.subarray(0, payload.length - cut);
  const data = await codec.decode(input, { limit, signal });
  const name = codec.name as CodecName;
  if (cut > 0) checkAppendedSize(payload, data.length, name);
  return { codec: name, data };
}

/** @throws payload-corrupt */
function checkAppendedSize(payload: Uint8Array, actual: Bytes, codec: CodecName): void {
  const claimed = viewOf(payload).getUint32(payload.length - 4, true);
  if (claimed === actual % 2 ** 32) return;
  const reason = `${claimed} bytes are promised behind it, ${actual} came out`;
  throw bzimageErrors.payloadCorrupt({ codec, reason });
}
