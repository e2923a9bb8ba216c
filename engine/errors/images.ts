import { defineError } from './lab-error.js';

/** Errors of finding and importing images. */
export const imagesErrors = {
  nowhere: defineError<{ reference: string }>(
    'image-nowhere',
    'usage',
    'an image is named that is neither in the workspace nor a file',
    ({ reference }) => ({
      message: `there is no image and no file ${JSON.stringify(reference)}`,
      hint: 'kbl images lists what is in the workspace; a file is named by its path',
    }),
  ),
  notBootable: defineError<{ file: string; container: string }>(
    'image-not-bootable',
    'input',
    'the file to import is a kernel, but not in the form that boot loaders take',
    ({ file, container }) => ({
      message: `this is a ${container}, and boot loaders take a bzImage`,
      place: { file },
      hint: "import the build's arch/x86/boot/bzImage, or a distribution's /boot/vmlinuz-*",
    }),
  ),
  needed: defineError<{ image: string; experiment: string }>(
    'image-needed',
    'busy',
    'an image is to be deleted that an experiment which is not done has still to boot',
    ({ image, experiment }) => ({
      message: `${image} is needed by the experiment ${experiment}, which is not done`,
      hint: `finish it first: kbl resume ${experiment}`,
    }),
  ),
  tooLarge: defineError<{ file: string; size: number; limit: number }>(
    'image-too-large',
    'input',
    'a file is far larger than any kernel image',
    ({ file, size, limit }) => ({
      message: `${size} bytes: no kernel image is larger than ${limit} bytes`,
      place: { file },
      hint: 'check that this is the kernel image and not a disk or a dump',
    }),
  ),
};
