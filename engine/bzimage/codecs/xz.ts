import lzma from 'lzma-native';
import type { Bytes } from '../../units.js';
import type { Decoder } from './codec.js';
import { decodeByStream } from './stream.js';

/**
 * Most memory that a dictionary may take. Kernels use 32 MiB (xz,
 * scripts/xz_wrap.sh) and 64 MiB (`lzma -9`); a header could ask for 4 GiB.
 */
const memlimit: Bytes = 128 * 1024 * 1024;

/** xz, also with the x86 filter (BCJ) that kernels are compressed with. */
export const decodeXz: Decoder = (input, options) =>
  decodeByStream(lzma.createStream('streamDecoder', { memlimit }), 'xz', input, options);

/** The older `.lzma` format ("lzma alone"), which has no magic and no checksum. */
export const decodeLzma: Decoder = (input, options) =>
  decodeByStream(lzma.createStream('aloneDecoder', { memlimit }), 'lzma', input, options);
