import { defineError } from './lab-error.js';

/** Errors of finding and resolving patch sites (engine/patch/). */
export const patchErrors = {
  multiImage: defineError<{ file: string }>(
    'patch-multi-image',
    'usage',
    'a multi-image was given where one kernel is needed',
    ({ file }) => ({
      message: `${file} holds more than one kernel`,
      hint: 'patch its parts, and merge them again: `kbl images` tells their names',
    }),
  ),
  width: defineError<{ file: string; machine: number }>(
    'patch-not-x86-64',
    'input',
    'patch sites were asked for of a kernel that is not for x86-64',
    ({ file, machine }) => ({
      message: `${file} is a kernel for machine ${machine}`,
      hint: 'the families of patch sites are known for x86-64 only',
    }),
  ),
  outside: defineError<{ what: string; address: string; size: number }>(
    'patch-outside',
    'input',
    'something that a table of patch sites points at is not in the kernel',
    ({ what, address, size }) => ({
      message: `${what} at ${address} (${size} bytes) is outside of the kernel's sections`,
      hint: 'the table is damaged; nothing was changed',
    }),
  ),
  tableMalformed: defineError<{ table: string; entry: string; why: string }>(
    'patch-table-malformed',
    'input',
    'a table of patch sites contradicts itself',
    ({ table, entry, why }) => ({
      message: `the entry of ${table} at ${entry}: ${why}`,
      place: { section: table },
      hint: 'the table is damaged, or of a kernel version that this lab does not know; nothing was changed',
    }),
  ),
};
