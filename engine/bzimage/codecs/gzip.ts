import { createGunzip } from 'node:zlib';
import type { Decoder } from './codec.js';
import { decodeByStream } from './stream.js';

/** gzip, by Node's zlib, which also checks the CRC-32 and size at its end. */
export const decodeGzip: Decoder = (input, options) =>
  decodeByStream(createGunzip(), 'gzip', input, options);
