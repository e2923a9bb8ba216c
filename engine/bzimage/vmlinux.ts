import { elfEnd, memorySource, readElf, type ElfFile } from '../elf/index.js';
import type { JobOptions } from '../progress.js';
import type { Bytes } from '../units.js';
import { payloadBytes, type BzImage } from './bzimage.js';
import type { CodecName } from './codecs/codec.js';
import { unpackPayload } from './payload.js';

/** The kernel proper, unpacked. */
export interface Vmlinux {
  codec: CodecName;
  /** The whole unpacked payload: the ELF, and what was appended to it. */
  bytes: Uint8Array;
  elf: ElfFile;
  /**
   * Where the ELF ends in `bytes`. Behind it a relocatable kernel has its
   * relocation table for KASLR (arch/x86/tools/relocs.c, `vmlinux.relocs`).
   */
  elfEnd: Bytes;
}

/**
 * Unpacks the payload of a bzImage and reads the headers of the ELF in it.
 * @throws bzimage-no-payload, payload-*, elf-*, cancelled
 */
export async function extractVmlinux(
  image: BzImage,
  options: JobOptions & { limit?: Bytes | undefined } = {},
): Promise<Vmlinux> {
  const payload = payloadBytes(image);
  return readVmlinux(payload, { ...options, sizeAppended: true });
}

/** The same for a payload that was found by other means. @throws as `extractVmlinux` */
export async function readVmlinux(
  payload: Uint8Array,
  options: JobOptions & { limit?: Bytes | undefined; sizeAppended: boolean },
): Promise<Vmlinux> {
  const { codec, data } = await unpackPayload(payload, options);
  const elf = readElf(memorySource(data));
  return { codec, bytes: data, elf, elfEnd: Math.min(elfEnd(elf), data.length) };
}
