import { defineError, hex, type ErrorPlace } from './lab-error.js';

const rebuild = 'the file is damaged or was cut short; compare it with `readelf -hlS FILE`';

/** Errors of the ELF reader. */
export const elfErrors = {
  notElf: defineError<{ found: string }>(
    'elf-not-elf',
    'input',
    'a file that should be an ELF does not begin with 7f 45 4c 46',
    ({ found }) => ({
      message: `this is no ELF file: it begins with ${found}`,
      place: { offset: 0 },
      hint: 'give the uncompressed vmlinux, or a bzImage that contains one',
    }),
  ),
  unsupported: defineError<{ what: string; offset: number }>(
    'elf-unsupported',
    'input',
    'an ELF file is of a class, byte order or version that no x86 kernel has',
    ({ what, offset }) => ({
      message: `unsupported ELF: ${what}`,
      place: { offset },
      hint: 'only little-endian ELF32 and ELF64, version 1, are read',
    }),
  ),
  outOfFile: defineError<{ what: string; offset: number; size: number; fileSize: number }>(
    'elf-out-of-file',
    'input',
    'a table, section or segment of an ELF file lies beyond the end of the file',
    ({ what, offset, size, fileSize }) => ({
      message: `${what} needs ${size} bytes at ${hex(offset)}, but the file has ${fileSize} bytes`,
      place: { offset },
      hint: rebuild,
    }),
  ),
  malformed: defineError<{ what: string; place?: ErrorPlace }>(
    'elf-malformed',
    'input',
    'a field of an ELF file contradicts the format',
    ({ what, place }) => ({ message: `malformed ELF: ${what}`, place, hint: rebuild }),
  ),
  limit: defineError<{ what: string; limit: number; place?: ErrorPlace }>(
    'elf-limit',
    'input',
    'an ELF file asks for more than any kernel has (strings, notes, bytes in one piece)',
    ({ what, limit, place }) => ({
      message: `refused: ${what} exceeds the limit of ${limit}`,
      place,
      hint: rebuild,
    }),
  ),
  unreadable: defineError<{ file: string; reason: string }>(
    'elf-unreadable',
    'environment',
    'a file could be opened but not read to its end',
    ({ file, reason }) => ({
      message: `cannot read: ${reason}`,
      place: { file },
      hint: 'check the medium, and that nothing rewrites the file meanwhile',
    }),
  ),
};
