import type { Bytes } from '../units.js';
import { longestCode } from './huffman.js';
import { byteModelSize, numberModelSize } from './range-coder.js';

/** What the decoder keeps in memory. */
export interface DecoderNeeds {
  dataFields: number;
  copies: number;
  corrections: number;
  /** Of the kallsyms stage. */
  names: Bytes;
  /** Code tables of one stage, at most. */
  codeTables: number;
}

const modelSize = 2;
/** `struct rebuild`, `struct prediction`, and what rounding to 8 bytes takes. */
const structures = 8192;
const blocks = 4 << 16;
const pairs = 1 << 16;
const codingSize = 1040;
const codeTableSize = 2 << longestCode;
const numbers = modelSize * numberModelSize;
const bytes = modelSize * byteModelSize;

/**
 * The work area that engine/native/multi/recipe.c needs: what it keeps, and
 * what the stage that needs most takes for a while.
 */
export function workSize(needs: DecoderNeeds): Bytes {
  const { dataFields, copies, corrections, codeTables } = needs;
  const kept = 4 * dataFields + 24 * copies + 8 * (copies + 1 + corrections) + blocks;
  const stages = [
    codingSize * 4 + codeTables * codeTableSize + 2 * bytes, // copies, bytes
    8 * (copies + 1) + 16 * copies + 2 * numbers, // address map
    pairs + 2 * codingSize + codeTables * codeTableSize + 2 * bytes, // addresses
    needs.names,
    8 * codingSize + codeTables * codeTableSize + 2 * bytes, // tables
  ];
  return structures + kept + Math.max(...stages);
}
