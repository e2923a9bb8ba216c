import { hex, defineError } from './lab-error.js';

/** Errors of making a multi-image with the own boot stub (engine/merge/stub.ts). `file` names a flavour. */
export const stubErrors = {
  codecUnsupported: defineError<{ codec: string; supported: readonly string[] }>(
    'stub-codec-unsupported',
    'input',
    "the boot stub cannot unpack the codec of the base's payload",
    ({ codec, supported }) => ({
      message: `the base's payload is ${codec}, the boot stub unpacks ${supported.join(', ')}`,
      hint: 'take a kernel that is compressed so, or merge with a build folder, where the kernel unpacks itself',
    }),
  ),
  not64Bit: defineError<{ file: string }>(
    'stub-not-64-bit',
    'input',
    'a 32-bit kernel is to be merged with the boot stub',
    ({ file }) => ({
      message: 'the boot stub starts 64-bit kernels only, and this one is 32-bit',
      place: { file },
      hint: 'take kernels built for x86-64',
    }),
  ),
  protocolTooOld: defineError<{ file: string; protocol: string }>(
    'stub-protocol-too-old',
    'input',
    'a kernel to be merged with the boot stub has a boot protocol without xloadflags',
    ({ file, protocol }) => ({
      message: `boot protocol ${protocol} does not tell what the boot stub needs to know of a kernel`,
      place: { file },
      hint: 'take a kernel with boot protocol 2.12 or later (Linux 3.8)',
    }),
  ),
  addressTooHigh: defineError<{ file: string; address: bigint }>(
    'stub-address-too-high',
    'input',
    'a kernel to be merged with the boot stub is linked for physical memory above 4 GB',
    ({ file, address }) => ({
      message: `this kernel is linked for the physical address ${hex(address)}; the boot stub loads below 4 GB`,
      place: { file },
      hint: 'build it with the usual CONFIG_PHYSICAL_START, or merge with a build folder',
    }),
  ),
  addressFixed: defineError<{ file: string; address: bigint }>(
    'stub-address-fixed',
    'input',
    'flavours are linked for different physical addresses, and one of them cannot be moved',
    ({ file, address }) => ({
      message: `this kernel runs only at ${hex(address)} (CONFIG_RELOCATABLE is off), another flavour elsewhere`,
      place: { file },
      hint: 'build the flavours with the same CONFIG_PHYSICAL_START, or with CONFIG_RELOCATABLE=y',
    }),
  ),
};
