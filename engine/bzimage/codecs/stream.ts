import type { Transform } from 'node:stream';
import { bzimageErrors } from '../../errors/bzimage.js';
import { LabError } from '../../errors/lab-error.js';
import type { Bytes } from '../../units.js';
import { CappedOutput, cancelledUnpacking, type CodecName, type DecodeOptions } from './codec.js';

/**
 * Input is handed over in small pieces, so that a bomb is noticed after one of
 * them: liblzma's binding queues all that a piece expands to, at most some
 * 7000 times its size.
 */
const pieceSize: Bytes = 4 * 1024;

/**
 * Runs a payload through a decompressor that is a Node stream, and stops it as
 * soon as its output passes the limit. The output is taken by `data` events:
 * liblzma's binding pushes without asking for room, and a reader that pulls
 * (`for await`, `pipeline`) can then wait for ever.
 * @throws payload-corrupt, payload-too-large, cancelled
 */
export function decodeByStream(
  decoder: Transform,
  codec: CodecName,
  input: Uint8Array,
  { limit, signal }: DecodeOptions,
): Promise<Uint8Array> {
  const output = new CappedOutput(codec, limit);
  const work = new Promise<void>((resolve, reject) => {
    const cancel = (): void => reject(cancelledUnpacking());
    signal?.addEventListener('abort', cancel, { once: true });
    decoder.on('data', (chunk: Uint8Array) => {
      try {
        output.add(chunk);
      } catch (error) {
        decoder.destroy(error as Error);
      }
    });
    // `on`: an error that comes later must find a listener too.
    decoder.on('error', reject);
    decoder.once('end', resolve);
    decoder.once('close', () => signal?.removeEventListener('abort', cancel));
    feed(decoder, input, 0);
  });
  return work
    .then(
      () => output.bytes(),
      (cause: unknown) => {
        if (cause instanceof LabError) throw cause;
        throw bzimageErrors.payloadCorrupt({ codec, reason: (cause as Error).message }, cause);
      },
    )
    .finally(() => decoder.destroy());
}

/** Writes piece after piece, each when the one before was taken. */
function feed(decoder: Transform, input: Uint8Array, at: number): void {
  if (decoder.destroyed || decoder.readableEnded) return;
  if (at >= input.length) decoder.end();
  else
    decoder.write(input.subarray(at, at + pieceSize), () => feed(decoder, input, at + pieceSize));
}
