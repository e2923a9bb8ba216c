import type { BitReader, BitWriter } from './bit-stream.js';
import { codeWord } from './layout.js';
import { numberSymbols, PrefixReader, PrefixWriter, type Group } from './prefix-coding.js';
import { signedOf, zigzag, type RangeDecoder, type RangeEncoder } from './range-coder.js';

/** A field that the address map does not predict: so many are right before it, and it is off by so much. */
export interface Fix {
  right: number;
  /** Of the field, as fields.ts numbers them. */
  kind: number;
  amount: number;
}

const groups: readonly Group[] = [
  { contexts: 1, symbols: numberSymbols, tables: [1] },
  { contexts: 5, symbols: numberSymbols, tables: [1, 2, 4] },
];
const gaps = 0;
const amounts = 1; // by the field's kind

/** @returns how many code tables there are */
export function writeFixes(coder: RangeEncoder, stream: BitWriter, fixes: readonly Fix[]): number {
  const writer = new PrefixWriter(groups);
  for (const { right, kind, amount } of fixes) {
    writer.number(gaps, 0, right);
    writer.number(amounts, kind, zigzag(amount));
  }
  codeWord(coder, fixes.length);
  return writer.write(coder, stream);
}

/**
 * Reads them as fields come by.
 * @returns for the next field of this kind, what to add to its target
 */
export function readFixes(
  coder: RangeDecoder,
  stream: BitReader,
): (field: { kind: number }) => number {
  let left = codeWord(coder);
  const reader = new PrefixReader(coder, stream, groups);
  const nextGap = (): number => (left-- > 0 ? reader.number(gaps, 0) : Infinity);
  let right = nextGap();
  return ({ kind }) => {
    if (right-- > 0) return 0;
    const amount = signedOf(reader.number(amounts, kind));
    right = nextGap();
    return amount;
  };
}
