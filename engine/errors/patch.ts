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
  shapeUnknown: defineError<{
    family: string;
    address: string;
    bytes: Uint8Array;
    expected: string;
  }>(
    'patch-shape-unknown',
    'input',
    'the instruction at a patch site is none that the kernel would accept there',
    ({ family, address, bytes, expected }) => ({
      message: `the ${family} site at ${address} holds ${Buffer.from(bytes).toString('hex')}, not ${expected}`,
      hint: 'the kernel would refuse it too, or is of a version that this lab does not know; nothing was changed',
    }),
  ),
  functionUnknown: defineError<{ name: string; file: string; similar: readonly string[] }>(
    'patch-function-unknown',
    'usage',
    'a kernel has no function of the name that was asked for',
    ({ name, file, similar }) => ({
      message: `${file} has no function ${name}`,
      hint:
        similar.length > 0
          ? `similar names: ${similar.join(', ')}`
          : 'names come from the vmlinux of a kernel that the lab built, else from its kallsyms',
    }),
  ),
  tableUnknown: defineError<{ table: string; file: string; walker: string }>(
    'patch-table-unknown',
    'input',
    'a kernel has a table of patch sites, but nothing tells where it is',
    ({ table, file, walker }) => ({
      message: `nothing tells where ${table} of ${file} is: no symbols, and no bounds in the code of ${walker}()`,
      hint: 'give the vmlinux that it was made of, or leave this family out',
    }),
  ),
  codec: defineError<{ codec: string }>(
    'patch-codec',
    'input',
    'the payload of a kernel to be patched is packed in a way that the lab does not pack',
    ({ codec }) => ({
      message: `a payload that is packed with ${codec} cannot be packed again here`,
      hint: 'build the kernel with CONFIG_KERNEL_GZIP, _XZ or _ZSTD',
    }),
  ),
  packFailed: defineError<{ command: string; output: readonly string[] }>(
    'patch-pack-failed',
    'environment',
    'the compressor that packs a patched kernel failed',
    ({ command, output }) => ({
      message: [`\`${command}\` failed`, ...output].join('\n'),
      hint: 'install gzip and libdeflate-tools, xz-utils or zstd, or make room in the workspace',
    }),
  ),
  familyOrder: defineError<{ family: string; needs: string; address: string }>(
    'patch-family-order',
    'usage',
    'a family of sites was to be resolved without one that the kernel applies to the same bytes before',
    ({ family, needs, address }) => ({
      message: `${family} sites lie in ${needs} sites (the first at ${address}), which the kernel rewrites before`,
      hint: `resolve both: --families ${needs},${family}`,
    }),
  ),
  callNotFound: defineError<{ family: string; callee: string; caller: string }>(
    'patch-call-not-found',
    'input',
    'the call by which a kernel applies a family of sites at boot was not found',
    ({ family, callee, caller }) => ({
      message: `${caller}() has no call of ${callee}(), by which the kernel applies its ${family} sites`,
      hint: 'this kernel is built in a way that the lab does not know: leave the family out, or keep its tables (--keep-tables) to compare its text',
    }),
  ),
  callsAreAlternatives: defineError<{ file: string }>(
    'patch-calls-are-alternatives',
    'input',
    'the paravirt calls of a kernel share a table with its alternatives (Linux 6.8 and later), and it cannot be made to boot',
    ({ file }) => ({
      message: `${file} has its paravirt calls among its alternatives, as Linux has since 6.8: the lab cannot make it boot with them resolved`,
      hint: 'keep its tables (--keep-tables) to compare its text; its sites can be listed, and observed',
    }),
  ),
  noName: defineError<{ name: string; file: string }>(
    'patch-no-name',
    'input',
    'a kernel has no symbol of a name that is needed',
    ({ name, file }) => ({
      message: `${file} has no symbol ${name}`,
      hint: 'names come from the vmlinux of a kernel that the lab built, else from kallsyms: CONFIG_KALLSYMS and, for data, CONFIG_KALLSYMS_ALL',
    }),
  ),
  exceptUnknown: defineError<{ word: string; file: string }>(
    'patch-except-unknown',
    'usage',
    'a patch site was to be left to the kernel that it does not have',
    ({ word, file }) => ({
      message: `${file} has no patch site by the name of ${word}`,
      hint: 'name a static key, a static call, a member of pv_ops, a function, function+0x10 or an address, as `kbl sites` lists them',
    }),
  ),
  constantUnknown: defineError<{ name: string; file: string }>(
    'patch-constant-unknown',
    'usage',
    'a variable was to become a constant that the kernel does not have',
    ({ name, file }) => ({
      message: `${file} has no variable ${name}`,
      place: { symbol: name },
      hint: '`kbl constants` lists those that are read most',
    }),
  ),
  constantNoSize: defineError<{ name: string }>(
    'patch-constant-no-size',
    'usage',
    'a label of the linker script was taken for a variable',
    ({ name }) => ({
      message: `${name} is a label, or part of another variable`,
      place: { symbol: name },
      hint: 'name the variable that holds it',
    }),
  ),
  constantsNowhere: defineError<{ file: string }>(
    'patch-constants-nowhere',
    'input',
    'nothing tells where a kernel keeps its read-mostly variables',
    ({ file }) => ({
      message: `${file} has no names for the bounds of its variables`,
      hint: 'a kernel that the lab built has symbols; another needs CONFIG_KALLSYMS_ALL',
    }),
  ),
  constantUnsafe: defineError<{ name: string; why: readonly string[] }>(
    'patch-constant-unsafe',
    'usage',
    'a variable was to become a constant whose value may change',
    ({ name, why }) => ({
      message: `${name} may change: ${why.join('; ')}`,
      place: { symbol: name },
      hint: 'a kernel with a constant in its place would not notice; --force (in the app: also those that may change) does it all the same',
    }),
  ),
  memoryNotFound: defineError<{ label: string; why: string }>(
    'patch-memory-not-found',
    'guest',
    'a kernel ran in a guest, but its image was not found in the memory of it',
    ({ label, why }) => ({
      message: `${label} was not found in the memory of its guest: ${why}`,
      hint: 'is the file the kernel that ran? A kernel that moves itself elsewhere than to a multiple of 2 MiB is not found either',
    }),
  ),
  memoryMissing: defineError<{ what: string; address: string; size: number }>(
    'patch-memory-missing',
    'input',
    'something was looked for in the memory of a booted kernel that its snapshot does not hold',
    ({ what, address, size }) => ({
      message: `${what} at ${address} (${size} bytes) is not in the snapshot of the kernel's memory`,
      hint: 'a snapshot holds what the linker laid out, .bss included, and nothing that was allocated later',
    }),
  ),
  capabilities: defineError<{ file: string; why: string }>(
    'patch-capabilities',
    'input',
    'what a kernel knows of its processor could not be read from its memory',
    ({ file, why }) => ({
      message: `the features of the processor that ${file} ran on are unknown: ${why}`,
      hint: 'observe it again, without KASLR; or leave out the families that depend on features',
    }),
  ),
  algorithmUnknown: defineError<{ family: string; file: string; why: string }>(
    'patch-algorithm-unknown',
    'input',
    'a kernel rewrites a family of sites in a way that the lab has not learnt',
    ({ family, file, why }) => ({
      message: `how ${file} rewrites its ${family} sites is not known: ${why}`,
      hint: 'its sites can be listed; leave the family out to resolve the others',
    }),
  ),
  relocationRoom: defineError<{ lacking: number }>(
    'patch-relocation-room',
    'input',
    'the relocation lists of a patched kernel would be longer than the kernel has room for',
    ({ lacking }) => ({
      message: `the relocation lists would need ${lacking} bytes more than there are`,
      hint: 'resolve fewer families at once: every one that drops addresses makes room',
    }),
  ),
  tableStays: defineError<{ family: string; why: string }>(
    'patch-table-stays',
    'input',
    'some sites of a family must be left to the kernel, and its table cannot be shortened to these',
    ({ family, why }) => ({
      message: `the table of ${family} sites cannot be shortened: ${why}`,
      hint: 'leave the family out, or look at the text alone with --keep-tables',
    }),
  ),
  patchedAlready: defineError<{ image: string; original: string }>(
    'patch-patched-already',
    'usage',
    'an image whose sites are resolved was given where they are to be found',
    ({ image, original }) => ({
      message: `the sites of ${image} are resolved already`,
      hint: `take what it was made of: ${original}`,
    }),
  ),
};
