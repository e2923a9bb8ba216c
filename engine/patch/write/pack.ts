import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildEnvironment } from '../../build/environment.js';
import { runTool } from '../../build/process.js';
import type { CodecName } from '../../bzimage/index.js';
import { patchErrors } from '../../errors/patch.js';
import type { JobOptions } from '../../progress.js';
import type { Bytes } from '../../units.js';

/**
 * The commands by which the kernel's own build packs (scripts/Makefile.lib, scripts/xz_wrap.sh), so
 * that what was packed by it fits in its place again: zlib's level 9, as Node has it, makes a
 * kernel a tenth larger than gzip's. Behind each what packs tighter, for when it still is a few
 * bytes too long.
 */
const commands: Partial<Record<CodecName, readonly string[]>> = {
  gzip: ['gzip -n -9', 'libdeflate-gzip -12'],
  xz: [
    'xz --check=crc32 --x86 --lzma2=preset=6,dict=32MiB',
    'xz --check=crc32 --x86 --lzma2=preset=9e,dict=32MiB',
  ],
  zstd: ['zstd -22 --ultra'],
};

/**
 * Packs a payload as its bzImage had it, the size behind it where that codec has one.
 * @param room as tight as it takes to fit in there, or as it goes
 * @param folder an empty one, to work in
 * @throws patch-codec, patch-pack-failed, cancelled
 */
export async function packPayload(
  payload: Uint8Array,
  codec: CodecName,
  room: Bytes,
  folder: string,
  { signal }: JobOptions = {},
): Promise<Uint8Array> {
  if (codec === 'none') return payload;
  const compressors = commands[codec];
  if (compressors === undefined) throw patchErrors.codec({ codec });
  const file = join(folder, 'payload');
  await writeFile(file, payload);
  let packed = new Uint8Array(0);
  for (const compressor of compressors) {
    packed = withSize(await run(compressor, folder, signal), payload.length, codec);
    if (packed.length <= room) break;
  }
  await rm(file);
  return packed;
}

async function run(
  compressor: string,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const command = `${compressor} < payload > packed`;
  const output: string[] = [];
  const status = await runTool({
    what: 'packing the kernel',
    program: 'sh',
    argv: ['-c', command],
    cwd: folder,
    environment: buildEnvironment(),
    signal,
    onLine: (line) => {
      if (output.length < 10) output.push(line);
    },
  });
  if (status !== 0) throw patchErrors.packFailed({ command, output });
  const packed = join(folder, 'packed');
  const bytes = await readFile(packed);
  await rm(packed);
  return bytes;
}

/** gzip ends in the size by itself; behind the others the kernel's build puts it. */
function withSize(packed: Uint8Array, unpacked: Bytes, codec: CodecName): Uint8Array<ArrayBuffer> {
  const size = Buffer.alloc(codec === 'gzip' ? 0 : 4);
  if (size.length > 0) size.writeUInt32LE(unpacked);
  return new Uint8Array(Buffer.concat([packed, size]));
}
