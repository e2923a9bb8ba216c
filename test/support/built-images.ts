import type { ImageRecord } from '../../db/records.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { buildVmlinux, type Parts } from '../unit/compare/kernel-builder.js';
import { buildBzImage, gzipPayload } from './bzimage-builder.js';
import { buildKernelElf, linuxXenNotes } from './elf-builder.js';
import { buildRecord } from './workspace-records.js';

export interface BuiltImage {
  flavour: string;
  /** Of its vmlinux. */
  parts: Parts;
  /** Xen can boot it. */
  xen?: boolean;
  /** Moves its vmlinux, so that equal functions lie elsewhere. */
  shift?: number;
}

/** Puts an image into a workspace as if the lab had built it: small, with a real vmlinux and a real bzImage. */
export async function putBuiltImage(
  { store, database }: Workspace,
  { flavour, parts, xen = false, shift = 0 }: BuiltImage,
): Promise<ImageRecord> {
  const put = async (bytes: Uint8Array) => {
    const { sha256, size } = await store.put(bytes);
    return { sha256, size };
  };
  const banner = `Linux version 6.1.0 (${flavour}) #1 SMP\n`;
  const kernel = buildKernelElf({ banner, notes: xen ? linuxXenNotes() : [] });
  const artifacts = {
    bzImage: await put(
      buildBzImage({
        payload: gzipPayload(kernel),
        fields: { kernel_alignment: 0x200000, relocatable_kernel: 1, cmdline_size: 2047 },
      }),
    ),
    vmlinux: await put(buildVmlinux(parts, shift)),
    config: await put(Buffer.from(`# ${flavour}\n`)),
    systemMap: await put(Buffer.from(`ffffffff81000000 T ${flavour}\n`)),
  };
  return database.images.save({
    ...{ sha256: artifacts.bzImage.sha256, size: artifacts.bzImage.size, kind: 'built' },
    ...{ name: `${flavour}-6.1.0`, flavour, kernelVersion: '6.1.0', parts: [], origin: null },
    patch: null,
    build: { ...buildRecord(flavour), flavour, artifacts },
  });
}
