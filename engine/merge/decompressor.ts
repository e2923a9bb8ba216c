import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { buildEnvironment } from '../build/environment.js';
import { runTool } from '../build/process.js';
import { recordedCommand } from '../build/relink.js';
import {
  decodeDirectory,
  directoryOffset,
  type Directory,
  type Flavour,
} from '../bzimage/directory.js';
import { detectCodec, readBzImage, type CodecName } from '../bzimage/index.js';
import { decompressorErrors } from '../errors/decompressor.js';
import { projectPath } from '../paths.js';
import type { JobOptions } from '../progress.js';
import type { Bytes } from '../units.js';
import {
  changeMisc,
  changeVoffset,
  configuredCodec,
  directoryFile,
  payloadFile,
  piggySource,
} from './decompressor-source.js';
import { copyBootTree } from './scratch-tree.js';

/**
 * The multi-image in the kernel's own decompressor: arch/x86/boot is linked
 * again from what was kept of a build folder, with a change of three lines in
 * misc.c (decompressor-source.ts) and the code of engine/native/multi/. What
 * the kernel does at boot (EFI stub and PE header, KASLR, 5-level paging) stays
 * as it is, and the kernel's own build writes all header fields.
 */
export interface DecompressorInput {
  /** What was kept of the build folder whose decompressor is to be taken (engine/build/relink.ts). */
  tree: string;
  /** The base's payload as it stands in its bzImage: compressed, its size behind it. */
  payload: Uint8Array;
  /** The directory with its recipes (engine/bzimage/directory.ts). */
  directory: Uint8Array;
  /** Largest distance from `_text` to `__start_rodata`; the tree's own when absent. */
  textSize?: Bytes | undefined;
  /** An empty folder of the caller's to work in. */
  scratch: string;
}

const boot = 'arch/x86/boot';
const compressed = `${boot}/compressed`;

/** What a changed decompressor or payload makes anew, in the order in which kbuild does. */
export const relinkTargets: readonly string[] = [
  `${compressed}/misc.o`,
  `${compressed}/piggy.o`,
  `${compressed}/vmlinux`,
  `${boot}/zoffset.h`,
  `${boot}/header.o`,
  `${boot}/setup.elf`,
  `${boot}/setup.bin`,
  `${boot}/vmlinux.bin`,
  `${boot}/bzImage`,
];

/** What the kernel must reserve for all flavours of a directory. */
interface Room {
  /** For a flavour and the base behind it. */
  output: Bytes;
  work: Bytes;
  memory: Bytes;
}

function roomFor({ flavours, base }: Directory): Room {
  const unpacked = flavours[base]!.imageSize;
  const largest = (size: (flavour: Flavour) => Bytes): Bytes => Math.max(...flavours.map(size));
  return {
    output: largest(({ imageSize, distance }) => Math.max(imageSize, distance + unpacked)),
    work: largest(({ workSize }) => workSize),
    memory: largest(({ memorySize }) => memorySize),
  };
}

/**
 * Links a multi-image. The same input gives the same bytes wherever the tree
 * and the scratch folder lie. About two seconds.
 * @returns the bzImage
 * @throws merge-tree-incomplete, merge-decompressor-unknown, merge-codec-mismatch,
 *   merge-link-failed, merge-linked-wrong, build-tool-missing, cancelled
 */
export async function linkDecompressor(
  input: DecompressorInput,
  options: JobOptions = {},
): Promise<Uint8Array> {
  const tree = resolve(input.tree);
  const scratch = resolve(input.scratch);
  await checkConfiguration(tree, input.payload);
  await copyBootTree(tree, scratch).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw decompressorErrors.treeIncomplete({ tree, missing: boot }, error);
  });
  const room = roomFor(decodeDirectory(input.directory));
  await writeSources(tree, scratch, input, room);
  for (const [done, target] of relinkTargets.entries()) {
    options.onProgress?.({
      ...{ kind: 'step', job: 'link', detail: `making ${target}` },
      ...{ done, total: relinkTargets.length },
    });
    await make(tree, scratch, target, options.signal);
  }
  const image = await readFile(join(scratch, boot, 'bzImage'));
  checkLinked(image, input, room);
  return image;
}

/** @throws merge-tree-incomplete, merge-decompressor-unknown, merge-codec-mismatch */
async function checkConfiguration(tree: string, payload: Uint8Array): Promise<void> {
  const config = await kept(tree, '.config');
  const file = join(tree, '.config');
  if (!/^CONFIG_X86_64=y$/m.test(config)) {
    throw decompressorErrors.sourceUnknown({ file, what: 'the kernel is not 64-bit' });
  }
  const decompressor = configuredCodec(config) ?? 'nothing known';
  const codec = detectCodec(payload) ?? 'unknown';
  if (codec === decompressor) return;
  throw decompressorErrors.codecMismatch({ tree, payload: codec, decompressor });
}

/** The codec of the decompressor in a tree; null when it cannot be told. */
export async function treeCodec(tree: string): Promise<CodecName | null> {
  const codec = configuredCodec(await readFile(join(tree, '.config'), 'utf8').catch(() => ''));
  return codec === undefined || codec === 'lzo' ? null : codec;
}

async function kept(tree: string, file: string): Promise<string> {
  return readFile(join(tree, file), 'utf8').catch((cause: unknown) => {
    throw decompressorErrors.treeIncomplete({ tree, missing: file }, cause);
  });
}

async function writeSources(
  tree: string,
  scratch: string,
  input: DecompressorInput,
  room: Room,
): Promise<void> {
  const misc = join('source', compressed, 'misc.c');
  const voffset = `${boot}/voffset.h`;
  const sizes = { memory: room.memory, text: input.textSize };
  const piggy = { payload: input.payload.length, output: room.output, work: room.work };
  const files: Record<string, string | Uint8Array> = {
    [`${compressed}/misc.c`]: changeMisc(await kept(tree, misc), join(tree, misc)),
    [`${compressed}/piggy.S`]: piggySource(piggy),
    [`${compressed}/${payloadFile}`]: input.payload,
    [`${compressed}/${directoryFile}`]: input.directory,
    [voffset]: changeVoffset(await kept(tree, voffset), join(tree, voffset), sizes),
  };
  for (const [file, contents] of Object.entries(files)) {
    await writeFile(join(scratch, file), contents);
  }
  await copyCode(join(scratch, compressed, 'multi'));
}

/** The code that misc.c includes, as it lies in engine/native/multi/. */
async function copyCode(folder: string): Promise<void> {
  const sources = projectPath('engine', 'native', 'multi');
  await mkdir(folder);
  for (const name of await readdir(sources)) {
    if (/\.[ch]$/.test(name)) await copyFile(join(sources, name), join(folder, name));
  }
}

/**
 * Runs the command by which kbuild made a target. misc.c alone is taken from
 * the folder itself, its path in the command being that of the source tree.
 */
async function make(
  tree: string,
  scratch: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const recorded = await recordedCommand(tree, target);
  if (recorded === undefined) {
    throw decompressorErrors.treeIncomplete({ tree, missing: `command for ${target}` });
  }
  const command = recorded.replace(
    /\S*arch\/x86\/boot\/compressed\/misc\.c$/,
    `${compressed}/misc.c`,
  );
  const output: string[] = [];
  const status = await runTool({
    what: 'merging',
    program: 'sh',
    argv: ['-c', command],
    cwd: scratch,
    environment: buildEnvironment(),
    signal,
    onLine: (line) => {
      if (output.length < 10) output.push(line);
    },
  });
  if (status !== 0) throw decompressorErrors.linkFailed({ target, command, output });
}

/** @throws merge-linked-wrong */
function checkLinked(bytes: Uint8Array, input: DecompressorInput, room: Room): void {
  const image = readBzImage(bytes);
  const { payload, fields } = image;
  const directoryAt = directoryOffset(image);
  const holds = (at: number, part: Uint8Array): boolean =>
    Buffer.compare(bytes.subarray(at, at + part.length), part) === 0;
  if (!payload || directoryAt === null) {
    throw decompressorErrors.linkedWrong({ why: 'its header names no payload' });
  }
  if (payload.size !== input.payload.length || !holds(payload.offset, input.payload)) {
    throw decompressorErrors.linkedWrong({ why: 'its header does not name the payload' });
  }
  if (!holds(directoryAt, input.directory)) {
    throw decompressorErrors.linkedWrong({ why: 'the directory does not follow the payload' });
  }
  if ((fields.init_size ?? 0) < Math.max(room.output + room.work, room.memory)) {
    throw decompressorErrors.linkedWrong({ why: 'init_size leaves no room for rebuilding' });
  }
}
