import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildEnvironment } from '../../build/environment.js';
import { runTool } from '../../build/process.js';
import type { CodecName } from '../../bzimage/index.js';
import { patchErrors } from '../../errors/patch.js';
import type { JobOptions } from '../../progress.js';

/**
 * The commands by which the kernel's own build packs (scripts/Makefile.lib, scripts/xz_wrap.sh), so
 * that what was packed by it fits in its place again: zlib's level 9, as Node has it, makes a
 * kernel a tenth larger than gzip's.
 */
const commands: Partial<Record<CodecName, string>> = {
  gzip: 'gzip -n -9',
  xz: 'xz --check=crc32 --x86 --lzma2=preset=6,dict=32MiB',
  zstd: 'zstd -22 --ultra',
};

/**
 * Packs a payload as its bzImage had it, the size behind it where that codec has one.
 * @param folder an empty one, to work in
 * @throws patch-codec, patch-pack-failed, cancelled
 */
export async function packPayload(
  payload: Uint8Array,
  codec: CodecName,
  folder: string,
  { signal }: JobOptions = {},
): Promise<Uint8Array> {
  if (codec === 'none') return payload;
  const compressor = commands[codec];
  if (compressor === undefined) throw patchErrors.codec({ codec });
  const [from, to] = [join(folder, 'payload'), join(folder, 'packed')];
  await writeFile(from, payload);
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
  const packed = await readFile(to);
  await Promise.all([rm(from), rm(to)]);
  if (codec === 'gzip') return packed;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(payload.length);
  return Buffer.concat([packed, size]);
}
