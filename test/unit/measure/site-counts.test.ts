import { describe, expect, it } from 'vitest';
import { readSiteCounts, siteExecutions, siteList } from '../../../engine/measure/site-counts.js';
import { labError } from '../../support/lab-error.js';

/** A file as the plugin writes it: records of a code and pairs of site and executions. */
function siteFile(
  records: readonly (readonly [number, Record<number, number>])[],
  sites = 4,
): Buffer {
  const words = [Buffer.from('KBLSCNTS').readBigUInt64LE(), 1n, BigInt(sites), 0n];
  for (const [code, pairs] of records) {
    const entries = Object.entries(pairs);
    words.push(BigInt(code), BigInt(entries.length));
    for (const [site, times] of entries) words.push(BigInt(site), BigInt(times));
  }
  const bytes = Buffer.alloc(8 * words.length);
  words.forEach((word, i) => bytes.writeBigUInt64LE(word, 8 * i));
  return bytes;
}

const [begin, end] = [0x102, 0x103]; // of `null`, whose id is 1

/** A run of `null` whose first 100 iterations are its warm-up. */
function run(iterations: readonly Record<number, number>[]) {
  const warmUp = Array.from({ length: 100 }, () => ({ 3: 1000 }));
  return siteFile([
    [1, { 0: 5, 1: 7 }],
    ...[...warmUp, ...iterations].flatMap((pairs) => [
      [begin, { 2: 99 }] as const,
      [end, pairs] as const,
    ]),
    [2, {}],
    [0xffff, {}],
  ]);
}

const executions = (bytes: Uint8Array, typical = 0) =>
  siteExecutions(readSiteCounts(bytes, 'f'), [0, 0, 1, 1], new Map([['null', typical]]), 'f');

describe('counts of sites', () => {
  it('tells boot and operations apart, without warm-up and what lies between', () => {
    const { boot, workloads } = executions(run([{ 0: 2 }, { 0: 2, 3: 1 }, { 0: 9 }]));
    expect([...boot]).toEqual([5, 7, 0, 0]);
    expect([...workloads.get('null')!]).toEqual([2, 0, 0, 0]);
  });

  it('reads an operation off the iteration that stands for all', () => {
    const { workloads } = executions(run([{ 0: 4, 1: 3 }, { 0: 6 }, { 0: 4 }]), 1);
    expect([...workloads.get('null')!]).toEqual([6, 0, 0, 0]);
  });

  it('refuses an iteration that is not there', () => {
    expect(() => executions(run([{ 0: 4 }]), 1)).toThrow(labError('counter-file-malformed'));
  });

  it('leaves out a record that was cut off, and refuses the run', () => {
    const whole = run([{ 0: 1 }]);
    const table = readSiteCounts(whole.subarray(0, -8), 'f');
    expect(table.code.at(-1)).toBe(2);
    expect(() => siteExecutions(table, [0, 0, 1, 1], new Map([['null', 0]]), 'f')).toThrow(
      labError('counter-file-malformed'),
    );
  });

  it.each([
    ['no header', Buffer.from('KBLSCNTS')],
    ['another file', Buffer.alloc(64)],
    ['a site that is not in the list', siteFile([[1, { 4: 1 }]])],
  ])('refuses %s', (_, bytes) => {
    expect(() => readSiteCounts(bytes, 'f')).toThrow(labError('counter-file-malformed'));
  });

  it('refuses markers that do not pair', () => {
    const bytes = siteFile([
      [end, {}],
      [0xffff, {}],
    ]);
    expect(() => executions(bytes)).toThrow(labError('counter-file-malformed'));
  });

  it('tells which loads were executed before the last store', () => {
    const store = 0x10000 + 1; // site 1, of the same group as site 0
    const { early, boot } = executions(
      siteFile([
        [store, { 0: 5, 2: 1 }],
        [store, { 0: 2, 1: 1 }],
        [1, { 0: 9, 1: 1, 2: 1 }],
        [0xffff, {}],
      ]),
    );
    expect([...early]).toEqual([7, 1, 0, 0]);
    expect([...boot]).toEqual([16, 2, 2, 0]);
  });

  it('writes the list that sites.c reads', () => {
    const bytes = Buffer.from(siteList({ address: [-0x7f000000, -0x7effffff], watched: [0, 1] }));
    expect(bytes.subarray(0, 8).toString()).toBe('KBLSLIST');
    expect(bytes.readBigUInt64LE(8)).toBe(2n);
    expect(bytes.readBigUInt64LE(16).toString(16)).toBe('ffffffff81000000');
    expect(bytes.readBigUInt64LE(24)).toBe(0n);
    expect(bytes.readBigUInt64LE(32).toString(16)).toBe('ffffffff81000001');
    expect(bytes.readBigUInt64LE(40)).toBe(1n);
  });
});
