import type { Bytes, FileOffset } from '../units.js';
import { recipeErrors } from '../errors/recipe.js';
import type { BitReader, BitWriter } from './bit-stream.js';
import type { Copy } from './copies.js';
import { codeWord } from './layout.js';
import { numberSymbols, PrefixReader, PrefixWriter, type Group } from './prefix-coding.js';
import type { RangeDecoder, RangeEncoder } from './range-coder.js';

/**
 * The last stage, when everything that can be predicted is in its place: runs
 * of copied bytes that are wrong, and the bytes between the copies. A wrong
 * byte is coded in the context of the one it replaces, an inserted one in that
 * of the two before it.
 */
const groups: readonly Group[] = [
  { contexts: 1, symbols: numberSymbols, tables: [1] },
  { contexts: 1, symbols: numberSymbols, tables: [1] },
  { contexts: 256, symbols: 256, tables: [8, 16, 32] },
  { contexts: 1024, symbols: 256, tables: [16, 32, 64] },
];
/** Copied bytes that are right before a run, and its length. */
const rights = 0;
const sizes = 1;
const wrongBytes = 2;
const insertedBytes = 3;

const insertedContext = (out: Uint8Array, at: FileOffset): number =>
  (out[at - 1] ?? 0) * 4 + ((out[at - 2] ?? 0) >> 6);

interface Run {
  right: number;
  size: Bytes;
}

/**
 * Writes the stage. `out` becomes what is wanted.
 * @param end where the last insertion ends
 * @returns how many code tables there are
 */
export function writeBytes(
  coder: RangeEncoder,
  stream: BitWriter,
  out: Uint8Array,
  copies: readonly Copy[],
  end: FileOffset,
  wanted: Uint8Array,
): number {
  const writer = new PrefixWriter(groups);
  const runs = wrongRuns(out, copies, wanted);
  let next = 0;
  // A reader must know where the next run is before it reads what is inserted on the way.
  const writeRun = (): void => {
    const run = runs[next++];
    if (!run) return;
    writer.number(rights, 0, run.right);
    writer.number(sizes, 0, run.size);
  };
  let before = 0;
  const insert = (to: FileOffset): void => {
    for (let at = before; at < to; at++) {
      writer.symbol(insertedBytes, insertedContext(out, at), wanted[at]!);
      out[at] = wanted[at]!;
    }
  };
  writeRun();
  for (const { to, size } of copies) {
    insert(to);
    before = to + size;
    for (let at = to; at < before;) {
      if (out[at] === wanted[at]) {
        at++;
        continue;
      }
      for (; at < before && out[at] !== wanted[at]; at++) {
        writer.symbol(wrongBytes, out[at]!, wanted[at]!);
        out[at] = wanted[at]!;
      }
      writeRun();
    }
  }
  insert(end);
  codeWord(coder, runs.length);
  return writer.write(coder, stream);
}

/** Runs end with their copy. */
function wrongRuns(out: Uint8Array, copies: readonly Copy[], wanted: Uint8Array): Run[] {
  const runs: Run[] = [];
  let right = 0;
  for (const { to, size } of copies) {
    const end = to + size;
    for (let at = to; at < end;) {
      const first = at;
      while (at < end && out[at] !== wanted[at]) at++;
      if (at > first) {
        runs.push({ right, size: at - first });
        right = 0;
      } else {
        at++;
        right++;
      }
    }
  }
  return runs;
}

/** Reads what `writeBytes` wrote, into `out`. @throws recipe-malformed */
export function readBytes(
  coder: RangeDecoder,
  stream: BitReader,
  out: Uint8Array,
  copies: readonly Copy[],
  end: FileOffset,
): void {
  let left = codeWord(coder);
  if (left > end) throw recipeErrors.malformed({ why: `${left} runs of wrong bytes` });
  const reader = new PrefixReader(coder, stream, groups);
  let right = Infinity;
  let size = 0;
  const nextRun = (): void => {
    right = left > 0 ? reader.number(rights, 0) : Infinity;
    size = left > 0 ? reader.number(sizes, 0) : 0;
    left--;
  };
  let before = 0;
  const insert = (to: FileOffset): void => {
    for (let at = before; at < to; at++) {
      out[at] = reader.symbol(insertedBytes, insertedContext(out, at));
    }
  };
  nextRun();
  for (const copy of copies) {
    insert(copy.to);
    let at = copy.to;
    before = at + copy.size;
    while (right < before - at) {
      at += right;
      right = 0;
      for (; size > 0 && at < before; size--, at++) out[at] = reader.symbol(wrongBytes, out[at]!);
      if (size === 0) nextRun();
    }
    right -= before - at;
  }
  insert(end);
  if (right !== Infinity) throw recipeErrors.malformed({ why: 'runs lead behind the copies' });
}
