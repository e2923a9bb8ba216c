import { defineError, hex } from './lab-error.js';

const damaged = 'the file is damaged or was cut short; copy or build it again';

/** Errors of the bzImage reader, its payload codecs and its writer. */
export const bzimageErrors = {
  notKernel: defineError<{ found: string }>(
    'image-not-kernel',
    'input',
    'a file is neither a bzImage nor an ELF, nor one of them compressed',
    ({ found }) => ({
      message: `this is no kernel image: it begins with ${found}`,
      place: { offset: 0 },
      hint: 'give a bzImage (vmlinuz), a vmlinux, or a compressed vmlinux',
    }),
  ),
  notBzImage: defineError<{ why: string; offset: number }>(
    'bzimage-not-bzimage',
    'input',
    'a file that should be a bzImage has no x86 setup header',
    ({ why, offset }) => ({
      message: `this is no bzImage: ${why}`,
      place: { offset },
      hint: 'give arch/x86/boot/bzImage or /boot/vmlinuz-*, not the vmlinux',
    }),
  ),
  truncated: defineError<{ what: string; needed: number; fileSize: number }>(
    'bzimage-truncated',
    'input',
    'a bzImage is shorter than its own header says',
    ({ what, needed, fileSize }) => ({
      message: `${what} ends at ${needed}, but the file has only ${fileSize} bytes`,
      place: { offset: fileSize },
      hint: damaged,
    }),
  ),
  fieldMissing: defineError<{ field: string; since: number; protocol: number }>(
    'bzimage-field-missing',
    'input',
    'a setup-header field is newer than the boot protocol of the image',
    ({ field, since, protocol }) => ({
      message: `${field} exists since boot protocol ${protocolText(since)}, the image has ${protocolText(protocol)}`,
      hint: 'take an image of a newer kernel',
    }),
  ),
  fieldRange: defineError<{ field: string; value: number | bigint; size: number; offset: number }>(
    'bzimage-field-range',
    'input',
    'a value does not fit the setup-header field it should be written to',
    ({ field, value, size, offset }) => ({
      message: `${field} takes ${size * 8} bits, ${value} does not fit`,
      place: { offset },
      hint: 'the image would become too large for the boot protocol',
    }),
  ),
  noPayload: defineError<{ why: string }>(
    'bzimage-no-payload',
    'input',
    'the header of a bzImage does not say where the compressed kernel is',
    ({ why }) => ({
      message: `the payload cannot be found: ${why}`,
      hint: 'only kernels with boot protocol 2.08 (Linux 2.6.26) and later say where it is',
    }),
  ),
  payloadOutOfFile: defineError<{ offset: number; size: number; fileSize: number }>(
    'bzimage-payload-out-of-file',
    'input',
    'payload_offset and payload_length point beyond the end of the file',
    ({ offset, size, fileSize }) => ({
      message: `the payload needs ${size} bytes at ${hex(offset)}, but the file has ${fileSize} bytes`,
      place: { offset },
      hint: damaged,
    }),
  ),
  payloadUnknown: defineError<{ found: string; offset?: number }>(
    'payload-unknown',
    'input',
    'a payload begins with no known magic',
    ({ found, offset }) => ({
      message: `unknown payload format: it begins with ${found}`,
      place: { offset },
      hint: 'known are gzip, xz, lzma, bzip2, lz4 and zstd',
    }),
  ),
  payloadLzo: defineError<Record<string, never>>(
    'payload-lzo',
    'input',
    'a payload is compressed with LZO',
    () => ({
      message: 'the payload is compressed with LZO, which is not supported',
      hint: 'unpack it with `scripts/extract-vmlinux` of the kernel source (needs lzop), or build with CONFIG_KERNEL_GZIP=y',
    }),
  ),
  payloadCorrupt: defineError<{ codec: string; reason: string }>(
    'payload-corrupt',
    'input',
    'a payload cannot be decompressed, or its size is not the one stored behind it',
    ({ codec, reason }) => ({
      message: `the ${codec} payload is corrupt: ${reason}`,
      hint: damaged,
    }),
  ),
  payloadTooLarge: defineError<{ codec: string; limit: number }>(
    'payload-too-large',
    'input',
    'a payload unpacks to more than any kernel has',
    ({ codec, limit }) => ({
      message: `the ${codec} payload unpacks to more than ${limit} bytes`,
      hint: 'no kernel is that large: do not trust this file',
    }),
  ),
  payloadNoRoom: defineError<{ needed: number; room: number }>(
    'bzimage-payload-no-room',
    'input',
    'a changed payload is longer than the one that it is to replace',
    ({ needed, room }) => ({
      message: `the changed payload takes ${needed} bytes, and the image has room for ${room}`,
      hint: 'the compressor of this machine packs worse than the one that made the image: install a current gzip, xz or zstd',
    }),
  ),
};

/** `2.15` for 0x020f. */
export function protocolText(version: number): string {
  return `${version >>> 8}.${String(version & 0xff).padStart(2, '0')}`;
}
