import type { Kallsyms } from './read.js';
import type { TokenStrings } from './tokens.js';
import { jointOf, Translator } from './translate.js';

/**
 * Finds which joints must be tied by hand so that every name of the base that
 * the flavour has is translated into what the flavour has: where a wrong name's
 * codes have a joint that the flavour's cross, else all joints of this name.
 * With all tied, a name is packed as a whole, so this ends.
 * @param source  for each name of the flavour its index in the base, -1 if it has none there
 * @returns ascending
 */
export function findTies(base: Kallsyms, flavour: Kallsyms, source: Int32Array): number[] {
  const translator = new Translator(base.strings, flavour.packer);
  const ties = new Set<number>();
  for (let isExact = false; !isExact;) {
    isExact = true;
    source.forEach((index, i) => {
      if (index < 0) return;
      const codes = base.packed[index]!;
      const wanted = flavour.packed[i]!;
      if (Buffer.compare(translator.translate(codes), wanted) === 0) return;
      isExact = false;
      const ends = new Set(endsOf(wanted, flavour.strings));
      const loose = endsOf(codes, base.strings)
        .map((end, k) => ({ end, joint: jointOf(codes, k + 1) }))
        .slice(0, -1)
        .filter(({ joint }) => !translator.isTied(joint));
      const crossed = loose.filter(({ end }) => !ends.has(end));
      for (const { joint } of crossed.length > 0 ? crossed : loose) {
        translator.tie(joint);
        ties.add(joint);
      }
    });
  }
  return [...ties].sort((a, b) => a - b);
}

/** Where in the unpacked name each code ends. */
function endsOf(codes: Uint8Array, strings: TokenStrings): number[] {
  let end = 0;
  return Array.from(codes, (code) => (end += strings[code]!.length));
}
