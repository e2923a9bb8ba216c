import type { SignedAddress } from '../../kernel/address.js';
import { addressOfName } from '../../kernel/names.js';
import type { Bytes } from '../../units.js';
import type { PatchKernel } from '../kernel.js';

/** A place that kernel code rewrites by name: there is no table of such. */
export interface DirectWrite {
  name: string;
  /** The function that writes it. */
  writer: string;
  address: SignedAddress;
  size: Bytes;
}

const known: readonly Omit<DirectWrite, 'address'>[] = [
  // arch/x86/xen/enlighten_pv.c, since 6.1: the jump of entry_64.S to native_iret goes to xen_iret.
  { name: 'early_xen_iret_patch', writer: 'xen_start_kernel', size: 5 },
];

/** Those that a kernel has. They need no patching: their writers always run, and ask nothing. */
export function directWrites({ names }: PatchKernel): DirectWrite[] {
  return known.flatMap((write) => {
    const address = addressOfName(names, write.name);
    return address === undefined ? [] : [{ ...write, address }];
  });
}
