import { defineError } from './lab-error.js';

/** Errors of linking a multi-image with the kernel's own decompressor (engine/merge/decompressor.ts). */
export const decompressorErrors = {
  treeIncomplete: defineError<{ tree: string; missing: string }>(
    'merge-tree-incomplete',
    'input',
    "a build folder lacks something that linking the kernel's decompressor again needs",
    ({ tree, missing }) => ({
      message: `the decompressor cannot be linked from this build folder: it has no ${missing}`,
      place: { file: tree },
      hint: 'build the flavour again with `kbl build`, or merge with the own boot stub: kbl merge --stub',
    }),
  ),
  sourceUnknown: defineError<{ file: string; what: string }>(
    'merge-decompressor-unknown',
    'input',
    "the source of the kernel's decompressor is not of a form into which the multi-image fits",
    ({ file, what }) => ({
      message: `the multi-image does not fit into this kernel's decompressor: ${what}`,
      place: { file },
      hint: 'take a 64-bit kernel of Linux 6.1 or later, or merge with the own boot stub: kbl merge --stub',
    }),
  ),
  codecMismatch: defineError<{ tree: string; payload: string; decompressor: string }>(
    'merge-codec-mismatch',
    'input',
    "the base's payload is compressed in another way than the decompressor unpacks",
    ({ tree, payload, decompressor }) => ({
      message: `the payload is ${payload}, the decompressor of this build folder unpacks ${decompressor}`,
      place: { file: tree },
      hint: 'build the flavours with the same CONFIG_KERNEL_* option',
    }),
  ),
  linkFailed: defineError<{ target: string; command: string; output: readonly string[] }>(
    'merge-link-failed',
    'build',
    "a step of linking the kernel's decompressor again failed",
    ({ target, command, output }) => ({
      message: [`making ${target} failed:`, ...output.map((line) => `  ${line}`)].join('\n'),
      hint: `the toolchain may have changed since the kernel was built: build the flavour again; the command was: ${command}`,
    }),
  ),
  linkedWrong: defineError<{ why: string }>(
    'merge-linked-wrong',
    'mismatch',
    'the linked multi-image does not have its parts where the format says',
    ({ why }) => ({
      message: `the linked multi-image is not as it should be: ${why}`,
      hint: 'the toolchain may have changed since the kernel was built: build the flavour again',
    }),
  ),
};
