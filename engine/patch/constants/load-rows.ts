import { patchErrors } from '../../errors/patch.js';
import { addressText } from '../../kernel/address.js';
import { placeText } from '../../kernel/names.js';
import type { PatchKernel } from '../kernel.js';
import { withCodeText } from '../listing/code-text.js';
import { joined } from '../listing/site-row.js';
import { readTables } from '../resolve.js';
import type { KernelMemory } from '../types.js';
import { readVariables, type ReadVariables } from './read.js';
import { replaceLoads } from './replace.js';
import type { Refusal } from './types.js';
import { constantRanges, variablesIn } from './variables.js';

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

/** What reads the variables that `kbl constants` ranks: decodes all code, which takes seconds. */
export function readConstants(kernel: PatchKernel): ReadVariables {
  return readVariables(kernel, variablesIn(kernel, constantRanges(kernel)));
}

/**
 * Every load of one of them, by address, with the value that it has in memory after boot.
 * @throws patch-constant-unknown, patch-memory-missing
 */
export function loadRows(
  kernel: PatchKernel,
  memory: KernelMemory,
  { variables, references, loads }: ReadVariables,
  symbol: string,
): LoadRow[] {
  const variable = variables.name.indexOf(symbol);
  if (variable < 0) throw patchErrors.constantUnknown({ name: symbol, file: kernel.label });
  const own = loads.filter((i) => references.variable[i] === variable);
  const sites = readTables(kernel).map((table) => table.sites);
  return withCodeText(kernel, (code) => {
    const text = (address: number, bytes: Uint8Array): string =>
      joined(code.lines(address, bytes, bytes.length));
    return replaceLoads({ kernel, memory, variables, references, sites }, own).map(
      ({ address, before, after, refused }) => ({
        ...{ address: addressText(address), place: placeText(kernel.names, address) },
        before: text(address, before),
        after: after ? text(address, after) : null,
        refused: refused ?? null,
      }),
    );
  });
}
