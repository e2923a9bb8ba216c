import { bzimageErrors } from '../../errors/bzimage.js';
import { commonErrors } from '../../errors/common.js';
import type { LabError } from '../../errors/lab-error.js';
import type { Bytes } from '../../units.js';

export type CodecName = 'gzip' | 'xz' | 'lzma' | 'bzip2' | 'lz4' | 'zstd' | 'none';

/** What every decoder is told. */
export interface DecodeOptions {
  /** Refuse to unpack more than this. */
  limit: Bytes;
  signal?: AbortSignal | undefined;
}

/** Unpacks one payload, its trailing size already cut off. */
export type Decoder = (input: Uint8Array, options: DecodeOptions) => Promise<Uint8Array>;

export function cancelledUnpacking(): LabError {
  return commonErrors.cancelled({ what: 'unpacking the kernel' });
}

/** @throws cancelled */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelledUnpacking();
}

/**
 * Collects output piece by piece and refuses more than the limit, so that
 * memory grows with what really comes out and never with what a header claims.
 */
export class CappedOutput {
  readonly codec: CodecName;
  readonly limit: Bytes;
  size: Bytes = 0;
  private readonly pieces: Uint8Array[] = [];

  constructor(codec: CodecName, limit: Bytes) {
    this.codec = codec;
    this.limit = limit;
  }

  /** Keeps the piece itself, not a copy. @throws payload-too-large */
  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.size += piece.length;
    if (this.size > this.limit) {
      throw bzimageErrors.payloadTooLarge({ codec: this.codec, limit: this.limit });
    }
    this.pieces.push(piece);
  }

  bytes(): Uint8Array {
    return this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces, this.size);
  }
}
