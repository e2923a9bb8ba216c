import { defineError, type ErrorPlace } from './lab-error.js';

/** Errors of the multi-image. `file` names one of its parts. */
export const mergeErrors = {
  protocolTooOld: defineError<{ file: string; protocol: string }>(
    'merge-protocol-too-old',
    'input',
    'an image to be merged has a boot protocol without payload_offset',
    ({ file, protocol }) => ({
      message: `boot protocol ${protocol} has no payload_offset, which the multi-image needs`,
      place: { file },
      hint: 'take a kernel with boot protocol 2.08 or later (Linux 2.6.26)',
    }),
  ),
  noXenNotes: defineError<{ file: string; why: string }>(
    'merge-no-xen-notes',
    'input',
    'the image that should boot under Xen is no Xen PV kernel',
    ({ file, why }) => ({
      message: `this kernel cannot boot as a PV guest of Xen: ${why}`,
      place: { file },
      hint: 'build it with CONFIG_XEN_PV=y (flavour `xen`); `kbl inspect` shows its Xen notes',
    }),
  ),
  widthMismatch: defineError<{ bare: number; xen: number }>(
    'merge-width-mismatch',
    'input',
    'the images to be merged are of different widths',
    ({ bare, xen }) => ({
      message: `the bare kernel is ${bare}-bit, the Xen kernel ${xen}-bit`,
      hint: 'build both flavours for the same architecture',
    }),
  ),
  alreadyMulti: defineError<{ file: string }>(
    'merge-already-multi',
    'input',
    'an image to be merged is a multi-image itself',
    ({ file }) => ({
      message: 'this is a multi-image already',
      place: { file },
      hint: 'merge the images it was made of; `kbl inspect` names them',
    }),
  ),
  notMulti: defineError<{ why: string }>(
    'merge-not-multi',
    'input',
    'an image that should be a multi-image has no directory',
    ({ why }) => ({
      message: `this is no multi-image: ${why}`,
      hint: 'make one with `kbl merge`',
    }),
  ),
  badLabel: defineError<{ label: string }>(
    'merge-bad-label',
    'usage',
    'the label of a part is empty, too long, or not printable ASCII',
    ({ label }) => ({
      message: `"${label}" cannot be the label of a part`,
      hint: 'use 1 to 15 letters, digits, dots, dashes or underscores, a different one for each part',
    }),
  ),
  directory: defineError<{ why: string; place?: ErrorPlace }>(
    'merge-directory-malformed',
    'input',
    'the directory of a multi-image contradicts its format or its file',
    ({ why, place }) => ({
      message: `the directory of the multi-image is malformed: ${why}`,
      place,
      hint: 'the file is damaged, or made by a newer version; merge it again',
    }),
  ),
  partDamaged: defineError<{ label: string; expected: string; actual: string }>(
    'merge-part-damaged',
    'mismatch',
    'a part of a multi-image does not have the checksum that its directory says',
    ({ label, expected, actual }) => ({
      message: `part ${label} has SHA-256 ${actual}, the directory says ${expected}`,
      hint: 'the file is damaged; merge it again',
    }),
  ),
};
