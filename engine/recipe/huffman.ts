import { recipeErrors } from '../errors/recipe.js';
import { bitModel, type Model, type RangeCoder } from './range-coder.js';

/**
 * Prefix codes (D. A. Huffman, 1952), canonical as in RFC 1951: what there is
 * most of is coded with these rather than bit by bit, since reading them takes
 * a tenth of the instructions. engine/native/multi/huffman.c is the decoder's
 * twin.
 */
export const longestCode = 11;

/** Lengths of the codes, by symbol; 0 for symbols that do not occur. */
export type CodeLengths = Uint8Array;

/** Lengths that make a text with these counts shortest, none above `longestCode`. */
export function codeLengths(counts: ArrayLike<number>): CodeLengths {
  const lengths = new Uint8Array(counts.length);
  const used: number[] = [];
  for (let symbol = 0; symbol < counts.length; symbol++) if (counts[symbol]! > 0) used.push(symbol);
  if (used.length === 1) lengths[used[0]!] = 1;
  if (used.length < 2) return lengths;
  // Package-merge (Larmore and Hirschberg, 1990): symbols in the cheapest packages get longer codes.
  const items = used
    .map((symbol) => ({ weight: counts[symbol]!, symbols: [symbol] }))
    .sort((a, b) => a.weight - b.weight);
  let packages: typeof items = [];
  for (let level = 0; level < longestCode; level++) {
    const row = [...packages, ...items].sort((a, b) => a.weight - b.weight);
    packages = [];
    for (let i = 0; i + 1 < row.length; i += 2) {
      const [a, b] = [row[i]!, row[i + 1]!];
      packages.push({ weight: a.weight + b.weight, symbols: [...a.symbols, ...b.symbols] });
    }
  }
  for (const { symbols } of packages.slice(0, used.length - 1)) {
    for (const symbol of symbols) lengths[symbol]!++;
  }
  return lengths;
}

/** The codes that belong to lengths, least significant bit first as they are written. */
export function codesOf(lengths: CodeLengths): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= longestCode; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) codes[symbol] = reversed(code++, length);
    }
    code <<= 1;
  }
  return codes;
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let i = 0; i < length; i++) result |= ((code >> i) & 1) << (length - 1 - i);
  return result;
}

/** For each way the next `longestCode` bits can be: a symbol, and its length times 256. */
export function decodingTable(lengths: CodeLengths): Uint16Array {
  const table = new Uint16Array(1 << longestCode);
  const codes = codesOf(lengths);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    for (let at = codes[symbol]!; at < table.length; at += 1 << length) {
      table[at] = symbol | (length << 8);
    }
  }
  return table;
}

/** Contexts for the lengths: what the table before has for the symbol. */
export const lengthModel = (): Model => bitModel((longestCode + 1) * 16);

/** Codes the lengths of a table, in the context of another's. @throws recipe-malformed */
export function codeTable(
  coder: RangeCoder,
  model: Model,
  before: CodeLengths,
  lengths?: CodeLengths,
): CodeLengths {
  const result = new Uint8Array(before.length);
  let taken = 0;
  for (let symbol = 0; symbol < result.length; symbol++) {
    const length = coder.tree(model, before[symbol]! * 16, 4, lengths?.[symbol] ?? 0) & 15;
    result[symbol] = length;
    if (length > 0) taken += 2 ** -length;
  }
  if (taken > 1 || result.some((length) => length > longestCode)) {
    throw recipeErrors.malformed({ why: 'code lengths that no code has' });
  }
  return result;
}
