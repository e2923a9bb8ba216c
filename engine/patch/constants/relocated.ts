import {
  readAllRelocations,
  readElf,
  readSymbols,
  SHF_EXECINSTR,
  type ByteSource,
} from '../../elf/index.js';
import { lastNotAbove, signedAddresses } from '../../kernel/address.js';
import type { PatchKernel } from '../kernel.js';
import type { ReferenceTable } from './references.js';
import { variableAt, type VariableTable } from './variables.js';

/**
 * David Miller's reading: the relocations of the link tell where a variable is read. Compared with
 * what decoding all code finds.
 */
export interface RelocatedReferences {
  /** Relocations in code that stays after boot against the variables. */
  relocations: number;
  /** Instructions that read or write at a plain address and have such a relocation. */
  decoded: number;
  /** Relocations of others: the variable is an array with an index, or its address is taken. */
  others: number;
  /** Instructions without a relocation. */
  unrelocated: number;
}

/** R_X86_64_* of 32-bit fields, and whether they count from the field. */
const types = new Map([
  [2, true], // PC32
  [4, true], // PLT32
  [9, true], // GOTPCREL, which the linker made a direct reference
  [41, true], // GOTPCRELX
  [42, true], // REX_GOTPCRELX
  [10, false], // 32
  [11, false], // 32S
]);

/**
 * Reads the relocations of a vmlinux (`ld --emit-relocs`). Undefined where it has none.
 * @throws elf-malformed, elf-out-of-file, elf-limit
 */
export function relocatedReferences(
  { text }: PatchKernel,
  vmlinux: ByteSource,
  variables: VariableTable,
  references: ReferenceTable,
): RelocatedReferences | undefined {
  const elf = readElf(vmlinux);
  const symbols = readSymbols(elf);
  const tables = readAllRelocations(elf).filter(
    ({ target }) => ((elf.sections[target]?.flags ?? 0n) & SHF_EXECINSTR) !== 0n,
  );
  if (!symbols || tables.length === 0) return undefined;
  const symbolAddress = signedAddresses(symbols.value);
  const seen = new Set<number>();
  let others = 0;
  for (const table of tables) {
    if (!table.addend) continue;
    const field = signedAddresses(table.offset);
    for (let i = 0; i < table.length; i++) {
      const relative = types.get(table.type[i]!);
      const at = field[i]!;
      if (relative === undefined || at < text.start || at >= text.end) continue;
      const target =
        symbolAddress[table.symbol[i]!]! + Number(table.addend[i]!) + (relative ? 4 : 0);
      const row = lastNotAbove(references.address, references.length, at);
      if (row >= 0 && at < references.address[row]! + references.size[row]!) {
        seen.add(row);
      } else if (variableAt(variables, target) >= 0) {
        others++;
      }
    }
  }
  const inText = references.address.filter((at) => at >= text.start && at < text.end);
  return {
    ...{ relocations: seen.size + others, decoded: seen.size, others },
    unrelocated: inText.length - seen.size,
  };
}
