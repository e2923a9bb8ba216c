import { defineError } from './lab-error.js';

const damaged = 'the file is damaged, or no linked kernel; look at it with `readelf -SW FILE`';

/** Errors of reading a linked kernel (engine/kernel/). `label` is what the user calls it. */
export const kernelErrors = {
  overlap: defineError<{ label: string; what: string }>(
    'kernel-overlap',
    'input',
    'sections of a kernel overlap',
    ({ label, what }) => ({
      message: `sections of ${label} overlap ${what}`,
      hint: damaged,
    }),
  ),
  farAddress: defineError<{ label: string; section: string }>(
    'kernel-far-address',
    'input',
    'a section of a kernel lies at an address where no kernel can be',
    ({ label, section }) => ({
      message: `a section of ${label} lies further than 2^52 bytes from both ends of the address space`,
      place: { section },
      hint: damaged,
    }),
  ),
};
