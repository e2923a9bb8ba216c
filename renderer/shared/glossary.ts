/** The words of the lab (docs and DESIGN use them so); Term.svelte explains them where they stand. */
export const glossary = {
  'kernel image': 'any bootable kernel file',
  vmlinux: 'the kernel as an ELF file, before it is packed',
  bzImage: 'the file of the x86 boot protocol, installed as vmlinuz: boot code and a packed kernel',
  payload: 'the compressed kernel inside a bzImage',
  flavour:
    'one build variant: native (no hypervisor support), paravirt (PARAVIRT without Xen), xen (PARAVIRT_XXL and XEN_PV)',
  'multi-image': 'one bzImage that holds several flavours and boots as the one that fits',
  environment: 'where an image runs: bare hardware, or a kind of Xen guest',
  'patch site': 'an address that the kernel rewrites at boot',
  workload: 'a program that is run and measured in the guest',
  counter: 'a number read from the emulator',
  run: 'one boot of one image in one environment',
  experiment: 'a named set of runs with one plan',
  baseline: 'the column that others are compared with',
} as const;

export type Word = keyof typeof glossary;
