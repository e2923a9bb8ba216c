import { measureErrors } from '../errors/measure.js';
import type { DomainCounts } from './types.js';

/**
 * The file that the counter plugin writes: a header of 32 bytes, then records
 * of 32 bytes, all little-endian u64. The format is defined in the comment at
 * the top of engine/native/plugin/counter.c.
 */

const recordSize = 32;
const magic = 'KBLCOUNT';
const version = 1;

/** Every marker the guest executed, in order, with the totals at that moment. */
export interface MarkerTable {
  length: number;
  code: Uint32Array;
  /** Instructions since reset, by domain; the markers themselves are not counted. */
  user: Float64Array;
  kernel: Float64Array;
  hypervisor: Float64Array;
  /** `callback` counts with a function call an instruction, to check `inline`. */
  mode: 'inline' | 'callback';
  /** Plugin API version that the emulator offered. */
  api: number;
}

export type IndexIntoMarkerTable = number;

/**
 * Reads a counter file. A last record that was cut off (the emulator was
 * killed) is left out.
 * @throws counter-file-malformed
 */
export function readCounterFile(bytes: Uint8Array, file: string): MarkerTable {
  if (bytes.length < recordSize || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== magic) {
    throw measureErrors.counterFile({ file, why: 'it does not begin with KBLCOUNT' });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(8, true) !== version) {
    throw measureErrors.counterFile({
      file,
      why: `its version is ${String(view.getUint32(8, true))}, not ${String(version)}`,
    });
  }
  const length = Math.floor(bytes.length / recordSize) - 1;
  const table: MarkerTable = {
    length,
    code: new Uint32Array(length),
    user: new Float64Array(length),
    kernel: new Float64Array(length),
    hypervisor: new Float64Array(length),
    mode: view.getUint32(12, true) === 1 ? 'callback' : 'inline',
    api: view.getUint32(16, true),
  };
  for (let i = 0; i < length; i++) {
    const at = (i + 1) * recordSize;
    table.code[i] = view.getUint32(at, true);
    table.user[i] = Number(view.getBigUint64(at + 8, true));
    table.kernel[i] = Number(view.getBigUint64(at + 16, true));
    table.hypervisor[i] = Number(view.getBigUint64(at + 24, true));
  }
  return table;
}

/** Totals since reset at a marker. */
export function totalsAt(table: MarkerTable, index: IndexIntoMarkerTable): DomainCounts {
  return {
    user: table.user[index] ?? 0,
    kernel: table.kernel[index] ?? 0,
    hypervisor: table.hypervisor[index] ?? 0,
  };
}

/** Index of the first marker with that code, or undefined. */
export function findMarker(table: MarkerTable, code: number): IndexIntoMarkerTable | undefined {
  const index = table.code.indexOf(code);
  return index < 0 ? undefined : index;
}
