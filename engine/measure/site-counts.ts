import { measureErrors } from '../errors/measure.js';
import { markerCodes, workloadMarker } from './marker-codes.js';
import type { WorkloadName } from './types.js';
import { workloadById } from './workloads.js';

/**
 * How often chosen instructions are executed: the list that the counter plugin takes and the file
 * that it writes. Both formats are defined at the top of engine/native/plugin/sites.c.
 */

const listMagic = 'KBLSLIST';
const countsMagic = 'KBLSCNTS';
const version = 1;
const headerSize = 32;

export type IndexIntoSiteList = number;

/** Code of the record that is written when the first site in the list, a watched one, executes. */
const watchedCode = 0x10000;

/** Instructions to count, by ascending address, no two equal. */
export interface SiteList {
  /** Signed guest virtual addresses (SignedAddress). */
  address: ArrayLike<number>;
  /** 1 for those before which, while the kernel boots, the others are written down; else 0. */
  watched: ArrayLike<number>;
}

/** The list as the plugin reads it. */
export function siteList({ address, watched }: SiteList): Uint8Array {
  const bytes = Buffer.alloc(16 + 16 * address.length);
  bytes.write(listMagic, 'latin1');
  bytes.writeBigUInt64LE(BigInt(address.length), 8);
  for (let i = 0; i < address.length; i++) {
    bytes.writeBigInt64LE(BigInt(address[i]!), 16 + 16 * i);
    bytes.writeBigUInt64LE(BigInt(watched[i]!), 24 + 16 * i);
  }
  return bytes;
}

/** What the sites counted between each marker and the one before it. */
export interface SiteRecordTable {
  length: number;
  /** Sites in the list. */
  sites: number;
  code: Uint32Array;
  /** Row of the record's first pair; one more entry than records. */
  firstPair: Uint32Array;
  /** Pairs: a site, and how often it was executed. Sites that were not have none. */
  site: Uint32Array;
  executions: Float64Array;
}

/**
 * Reads what the plugin wrote. A last record that was cut off is left out.
 * @throws counter-file-malformed
 */
export function readSiteCounts(bytes: Uint8Array, file: string): SiteRecordTable {
  const malformed = (why: string): Error => measureErrors.counterFile({ file, why });
  const magic = Buffer.from(bytes.subarray(0, 8)).toString('latin1');
  if (bytes.length < headerSize || magic !== countsMagic) {
    throw malformed(`it does not begin with ${countsMagic}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): number => Number(view.getBigUint64(at, true));
  if (word(8) !== version) throw malformed(`its version is ${word(8)}, not ${version}`);
  const sites = word(16);

  const starts: number[] = [];
  for (let at = headerSize; at + 16 <= bytes.length;) {
    const next = at + 16 + 16 * word(at + 8);
    if (next > bytes.length) break;
    starts.push(at);
    at = next;
  }
  const pairs = starts.reduce((sum, at) => sum + word(at + 8), 0);
  const table: SiteRecordTable = {
    length: starts.length,
    sites,
    code: new Uint32Array(starts.length),
    firstPair: new Uint32Array(starts.length + 1),
    site: new Uint32Array(pairs),
    executions: new Float64Array(pairs),
  };
  let pair = 0;
  starts.forEach((at, record) => {
    table.code[record] = view.getUint32(at, true);
    for (let i = 0, n = word(at + 8); i < n; i++, pair++) {
      const site = word(at + 16 + 16 * i);
      if (site >= sites) throw malformed(`record ${record} has site ${site} of ${sites}`);
      table.site[pair] = site;
      table.executions[pair] = word(at + 24 + 16 * i);
    }
    table.firstPair[record + 1] = pair;
  });
  return table;
}

/** Executions of every site, by where in the run. */
export interface SiteExecutions {
  /** Up to the first instruction of /init. */
  boot: Float64Array;
  /**
   * Of the same, those before the last execution of the watched sites of the same group: see
   * `siteExecutions`.
   */
  early: Float64Array;
  /** 1 where a watched site of the same group was executed while the kernel booted. */
  stored: Uint8Array;
  /**
   * In one operation of each workload: in the iteration that stands for all
   * (`typicalIteration`), so that a timer tick in another one counts for nothing.
   */
  workloads: Map<WorkloadName, Float64Array>;
  /** Counted iterations of each workload. */
  iterations: Map<WorkloadName, number>;
}

/**
 * Adds up a run.
 * @param group a number for each site: a store and the loads of one variable have the same
 * @param typical of each workload, the counted iteration that stands for all
 * @throws counter-file-malformed when markers do not pair, or the file was cut off
 */
export function siteExecutions(
  table: SiteRecordTable,
  group: ArrayLike<number>,
  typical: ReadonlyMap<WorkloadName, number>,
  file: string,
): SiteExecutions {
  if (table.code[table.length - 1] !== markerCodes.end) {
    throw measureErrors.counterFile({ file, why: 'it ends before the run did' });
  }
  const boot = new Float64Array(table.sites);
  const early = new Float64Array(table.sites);
  const lastStore = lastWatched(table, group);
  const ends = new Map<number, number[]>();
  let booting = table.code.includes(markerCodes.init);
  for (let record = 0; record < table.length; record++) {
    const code = table.code[record]!;
    if (booting) {
      eachPair(table, record, (site, times) => {
        boot[site] = boot[site]! + times;
        if (record <= (lastStore.get(group[site]!) ?? -1)) early[site] = early[site]! + times;
      });
    }
    if (code === markerCodes.init) booting = false;
    const marker = code >= watchedCode ? undefined : workloadMarker(code);
    if (marker === undefined || marker.begins) continue;
    if (table.code[record - 1] !== code - 1) {
      throw measureErrors.counterFile({ file, why: `record ${record} does not pair` });
    }
    const records = ends.get(marker.id) ?? [];
    records.push(record);
    ends.set(marker.id, records);
  }
  const workloads = new Map<WorkloadName, Float64Array>();
  const iterations = new Map<WorkloadName, number>();
  for (const [id, records] of ends) {
    const workload = workloadById(id);
    if (workload === undefined) {
      throw measureErrors.counterFile({ file, why: `it has a workload of unknown id ${id}` });
    }
    const counted = records.slice(workload.warmUp);
    const chosen = counted[typical.get(workload.name) ?? -1];
    if (chosen === undefined) {
      throw measureErrors.counterFile({ file, why: `${workload.name} has no such iteration` });
    }
    workloads.set(workload.name, executionsAt(table, chosen));
    iterations.set(workload.name, counted.length);
  }
  const stored = Uint8Array.from(boot, (_, site) => (lastStore.has(group[site]!) ? 1 : 0));
  return { boot, early, stored, workloads, iterations };
}

/** The last record of each group that a watched site caused. */
function lastWatched(table: SiteRecordTable, group: ArrayLike<number>): Map<number, number> {
  const last = new Map<number, number>();
  for (let record = 0; record < table.length; record++) {
    const site = table.code[record]! - watchedCode;
    if (site >= 0) last.set(group[site]!, record);
  }
  return last;
}

function eachPair(
  table: SiteRecordTable,
  record: number,
  visit: (site: IndexIntoSiteList, executions: number) => void,
): void {
  for (let pair = table.firstPair[record]!; pair < table.firstPair[record + 1]!; pair++) {
    visit(table.site[pair]!, table.executions[pair]!);
  }
}

/** By site; those that the record does not have were not executed. */
function executionsAt(table: SiteRecordTable, record: number): Float64Array {
  const executions = new Float64Array(table.sites);
  eachPair(table, record, (site, times) => (executions[site] = times));
  return executions;
}
