import { defineError, type ErrorPlace } from './lab-error.js';

/** Errors of the multi-image. `file` names one of its flavours. */
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
  tooFew: defineError<{ count: number }>(
    'merge-too-few',
    'usage',
    'fewer than two images were given to be merged',
    ({ count }) => ({
      message: `${count === 1 ? 'one image' : 'no image'} given; merging takes two or more`,
      hint: 'kbl merge native xen',
    }),
  ),
  tooMany: defineError<{ what: 'images' | 'rules'; count: number; most: number }>(
    'merge-too-many',
    'usage',
    'more images or selection rules were given than a multi-image has room for',
    ({ what, count, most }) => ({
      message: `${count} ${what} given; a multi-image has room for ${most}`,
      hint: 'leave some out',
    }),
  ),
  noFlavour: defineError<{ name: string; flavours: readonly string[] }>(
    'merge-no-flavour',
    'usage',
    'a flavour was named that a multi-image does not have',
    ({ name, flavours }) => ({
      message: `there is no flavour "${name}"`,
      hint: `there are: ${flavours.join(', ')}`,
    }),
  ),
  flavourUnnamed: defineError<{ flavours: readonly string[] }>(
    'merge-flavour-unnamed',
    'usage',
    'one of the flavours of a multi-image is to be taken out, and none was named',
    ({ flavours }) => ({
      message: `this is a multi-image of ${flavours.join(', ')}`,
      hint: `say which: --flavour ${flavours[0] ?? ''}`,
    }),
  ),
  badRule: defineError<{ rule: string }>(
    'merge-bad-rule',
    'usage',
    'a selection rule is not SIGNATURE=FLAVOUR',
    ({ rule }) => ({
      message: `"${rule}" is no selection rule`,
      hint: 'write SIGNATURE=FLAVOUR with a CPUID signature of up to 12 characters: KVMKVMKVM=paravirt',
    }),
  ),
  recipeWrong: defineError<{ flavour: string }>(
    'merge-recipe-wrong',
    'mismatch',
    'a recipe was made that does not rebuild its flavour',
    ({ flavour }) => ({
      message: `the recipe for ${flavour} does not give its bytes`,
      hint: 'this is a bug in Kernel Boot Lab; please report it with both images',
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
    'the name of a flavour is empty, too long, not printable ASCII, or given twice',
    ({ label }) => ({
      message: `"${label}" cannot be the name of a flavour`,
      hint: 'use 1 to 15 letters, digits, dots, dashes or underscores, a different name for each flavour',
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
  partDamaged: defineError<{ flavour: string; expected: string; actual: string }>(
    'merge-part-damaged',
    'mismatch',
    'a flavour rebuilt from a multi-image does not have the checksum that its directory says',
    ({ flavour, expected, actual }) => ({
      message: `${flavour} has the checksum ${actual}, the directory says ${expected}`,
      hint: 'the file is damaged; merge it again',
    }),
  ),
};
