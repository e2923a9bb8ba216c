import { defineError } from './lab-error.js';

/** Errors of comparing two kernels. `label` is what the user calls the image. */
export const compareErrors = {
  notX86: defineError<{ label: string; machine: number }>(
    'compare-not-x86',
    'input',
    'a file to be compared is an ELF for another processor than x86',
    ({ label, machine }) => ({
      message: `${label} is for machine ${machine}, not for x86`,
      hint: 'compare vmlinux files of x86 kernels (EM_386 3, EM_X86_64 62)',
    }),
  ),
  widthMismatch: defineError<{ a: string; b: string }>(
    'compare-width-mismatch',
    'input',
    'one of the kernels to be compared is 32-bit, the other 64-bit',
    ({ a, b }) => ({
      message: `${a} and ${b} are of different widths`,
      hint: 'compare kernels that were built for the same architecture',
    }),
  ),
  noSymbols: defineError<{ label: string }>(
    'compare-no-symbols',
    'input',
    'a file to be compared has no symbol table, so that it has no functions to compare',
    ({ label }) => ({
      message: `${label} has no symbols`,
      hint: 'give the vmlinux that the build left beside its bzImage: a bzImage holds a stripped one',
    }),
  ),
  noVmlinux: defineError<{ label: string }>(
    'compare-no-vmlinux',
    'input',
    'an image to be compared was not built by the lab, so that its vmlinux is not in the workspace',
    ({ label }) => ({
      message: `the vmlinux of ${label} is not known`,
      hint: 'give the path of its vmlinux (distributions have it among their debug packages), or build it here: `kbl build FLAVOUR`',
    }),
  ),
  functionUnknown: defineError<{ name: string; similar: readonly string[] }>(
    'compare-function-unknown',
    'usage',
    'neither kernel has a function of the name that was asked for',
    ({ name, similar }) => ({
      message: `neither kernel has a function ${name}`,
      hint:
        similar.length > 0
          ? `similar names: ${similar.join(', ')}`
          : 'list the names with `nm VMLINUX | grep -i " t "`',
    }),
  ),
  objectsUnreadable: defineError<{ file: string; why: string }>(
    'compare-objects-unreadable',
    'input',
    'the list of object files given is no thin archive of a kernel build',
    ({ file, why }) => ({
      message: `cannot take object files from it: ${why}`,
      place: { file },
      hint: 'put the vmlinux.a of the build folder there, or remove it',
    }),
  ),
};
