import {
  extractVmlinux,
  isBzImage,
  readBzImage,
  readDirectory,
  readVmlinux,
  type BzImage,
} from '../bzimage/index.js';
import {
  buildId,
  isElf,
  memorySource,
  openFileSource,
  readElf,
  readNotes,
  type ElfFile,
} from '../elf/index.js';
import { sizeErrors } from '../errors/size.js';
import type { JobOptions } from '../progress.js';
import { readKernelSize, type KernelSize } from '../size/kernel-size.js';
import type { Workspace } from '../workspace/types.js';
import { builtFrom } from './built-from.js';
import type { FoundImage } from './find-image.js';
import { readKernelFile } from './kernel-file.js';
import { linkedBeside, linkedByBuild, readLinking, type LinkedKernel } from './linked-kernel.js';

export interface SizeRequest {
  image: FoundImage;
  /** The vmlinux that it was made of, for an image that the lab did not build. */
  vmlinux?: string | undefined;
  /** Link map to take instead of the one beside the vmlinux. */
  linkMap?: string | undefined;
}

/** The kernel whose sizes are told: a vmlinux with what is beside it, or what an image unpacks to. */
interface Kernel {
  linked?: LinkedKernel | undefined;
  unpacked?: Uint8Array | undefined;
  notes: string[];
}

/**
 * What an image's size is made of: of the vmlinux that the lab or the user has of it, else of what
 * the image unpacks to.
 * @throws size-*, file-missing, store-*, bzimage-*, payload-*, elf-*, kernel-*, cancelled
 */
export async function sizeOfImage(
  workspace: Workspace,
  request: SizeRequest,
  options: JobOptions = {},
): Promise<KernelSize> {
  const { image, file } = request.image;
  const label = image?.name ?? file;
  const { linked, unpacked, notes } =
    request.vmlinux === undefined
      ? await kernelOf(workspace, request.image, options)
      : await kernelGiven(label, file, request.vmlinux, options);
  const size = linked
    ? await sizeOfLinked(label, { ...linked, linkMap: request.linkMap ?? linked.linkMap })
    : readKernelSize({ label, source: memorySource(unpacked!), bytes: unpacked });
  return { ...size, notes: [...notes, ...size.notes] };
}

async function sizeOfLinked(label: string, linked: LinkedKernel): Promise<KernelSize> {
  const { notes, ...linking } = await readLinking(linked);
  const source = openFileSource(linked.vmlinux);
  try {
    const size = readKernelSize({ label, source, ...linking });
    return { ...size, notes: [...notes, ...size.notes] };
  } finally {
    source.close();
  }
}

async function kernelOf(
  workspace: Workspace,
  { image, file }: FoundImage,
  options: JobOptions,
): Promise<Kernel> {
  const build = image && (await builtFrom(workspace, image));
  const linked = build && (await linkedByBuild(workspace, build));
  if (linked) return { linked, notes: [] };
  const bytes = await readKernelFile(file);
  if (isElf(bytes)) return { linked: linkedBeside(file), notes: [] };
  if (!isBzImage(bytes)) {
    return {
      unpacked: (await readVmlinux(bytes, { ...options, sizeAppended: false })).bytes,
      notes: [],
    };
  }
  const bzImage = readBzImage(bytes);
  const base = await baseOf(workspace, bzImage);
  if (base?.linked) return base;
  return { unpacked: (await extractVmlinux(bzImage, options)).bytes, notes: base?.notes ?? [] };
}

/** The base of a multi-image, with its vmlinux where the lab has built it. */
async function baseOf(workspace: Workspace, bzImage: BzImage): Promise<Kernel | undefined> {
  const directory = readDirectory(bzImage);
  const base = directory?.flavours[directory.base];
  if (!base) return undefined;
  const image = await workspace.database.images.bySha256(base.original);
  const build = image && (await builtFrom(workspace, image));
  return {
    linked: (build && (await linkedByBuild(workspace, build))) ?? undefined,
    notes: [`these are the sizes of its base, ${base.name}: the others are stored as recipes`],
  };
}

/** A vmlinux that the user says an image was made of. @throws size-other-kernel */
async function kernelGiven(
  label: string,
  file: string,
  vmlinux: string,
  options: JobOptions,
): Promise<Kernel> {
  const bytes = await readKernelFile(file);
  const linked = linkedBeside(vmlinux);
  if (!isBzImage(bytes)) return { linked, notes: [] };
  const own = (await extractVmlinux(readBzImage(bytes), options)).elf;
  const source = openFileSource(vmlinux);
  try {
    const [expected, found] = [idOf(own), idOf(readElf(source))];
    if (expected !== found) throw sizeErrors.otherKernel({ label, file: vmlinux, expected, found });
  } finally {
    source.close();
  }
  return { linked, notes: [] };
}

function idOf(elf: ElfFile): string {
  return buildId(readNotes(elf)) ?? '(none)';
}
