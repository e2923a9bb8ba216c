import type { Bytes } from '../units.js';
import { readStart } from './rebuild.js';

/** Where the bytes of a flavour come from. The last four add up to the flavour. */
export interface RecipeSummary {
  /** Pieces that are copied from the base. */
  copies: number;
  /** Copied, and as they are in the base. */
  unchanged: Bytes;
  /** Copied, then changed: addresses above all. */
  changed: Bytes;
  /** Of the ELF, not copied: new, or made by stages of their own (symbol names, ORC tables). */
  inserted: Bytes;
  /** The relocations behind the ELF. */
  relocations: Bytes;
}

/**
 * Says what a flavour shares with its base.
 * @param base    the base's unpacked payload
 * @param flavour what the recipe rebuilds from it
 * @throws recipe-malformed
 */
export function summarise(
  recipe: Uint8Array,
  base: Uint8Array,
  flavour: Uint8Array,
): RecipeSummary {
  const { layout, copies } = readStart(recipe, base.length, flavour.length);
  const { elfEnd } = layout.flavour;
  let copied = 0;
  let unchanged = 0;
  for (const { from, to, size } of copies) {
    copied += size;
    for (let i = 0; i < size; i++) if (flavour[to + i] === base[from + i]) unchanged++;
  }
  return {
    copies: copies.length,
    unchanged,
    changed: copied - unchanged,
    inserted: elfEnd - copied,
    relocations: flavour.length - elfEnd,
  };
}
