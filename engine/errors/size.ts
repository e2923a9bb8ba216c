import { defineError } from './lab-error.js';

/** Errors of telling what a kernel's size is made of (engine/size). */
export const sizeErrors = {
  mapUnreadable: defineError<{ file: string; why: string }>(
    'size-map-unreadable',
    'input',
    'a link map is not one of GNU ld',
    ({ file, why }) => ({
      message: `this is no link map of GNU ld: ${why}`,
      place: { file },
      hint: 'take the vmlinux.map that a kernel build with CONFIG_VMLINUX_MAP=y leaves',
    }),
  ),
  otherKernel: defineError<{ label: string; file: string; expected: string; found: string }>(
    'size-other-kernel',
    'input',
    'the vmlinux that was given is not the one that the image was made of',
    ({ label, file, expected, found }) => ({
      message: `this vmlinux is of another kernel than ${label}: build id ${found}, not ${expected}`,
      place: { file },
      hint: 'take the vmlinux of the same build; distributions have it in a debug package of the same version',
    }),
  ),
};
