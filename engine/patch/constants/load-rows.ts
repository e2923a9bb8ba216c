import { addressText } from '../../kernel/address.js';
import { placeText } from '../../kernel/names.js';
import type { PatchKernel } from '../kernel.js';
import { joined } from '../listing/site-row.js';
import { withCodeText } from '../listing/code-text.js';
import type { KernelMemory } from '../types.js';
import { applyConstants } from './apply.js';
import type { Refusal } from './types.js';

/** One load of a variable, for people: the instruction, and what it becomes or why it stays. */
export interface LoadRow {
  address: string;
  /** `schedule+0x10` */
  place: string;
  before: string;
  /** Null where it stays. */
  after: string | null;
  refused: Refusal | null;
}

/**
 * Every load of a variable, by address, with the value that it has in memory after boot.
 * @throws patch-constant-unknown, patch-constant-no-size, patch-memory-missing
 */
export function loadRows(kernel: PatchKernel, memory: KernelMemory, symbol: string): LoadRow[] {
  const [plan] = applyConstants(kernel, memory, [symbol], { force: true });
  return withCodeText(kernel, (code) => {
    const text = (address: number, bytes: Uint8Array): string =>
      joined(code.lines(address, bytes, bytes.length));
    return plan!.loads.map(({ address, before, after, refused }) => ({
      ...{ address: addressText(address), place: placeText(kernel.names, address) },
      before: text(address, before),
      after: after ? text(address, after) : null,
      refused: refused ?? null,
    }));
  });
}
