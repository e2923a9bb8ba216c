import { describe, expect, it } from 'vitest';
import { readCounterFile, findMarker, totalsAt } from '../../../engine/measure/counter-file.js';
import { iterationsOf } from '../../../engine/measure/iterations.js';
import { calibration, workloadByName, workloads } from '../../../engine/measure/workloads.js';
import { counterFile } from '../../support/counter-file.js';

const at = (code: number, user: number, kernel = 0, hypervisor = 0) => ({
  code,
  user,
  kernel,
  hypervisor,
});

describe('the counter file', () => {
  it('gives every marker with the totals at that moment', () => {
    const table = readCounterFile(counterFile([at(1, 5, 6, 7), at(0xffff, 50, 60, 2 ** 40)]), 'f');
    expect(table.length).toBe(2);
    expect(table.mode).toBe('inline');
    expect(totalsAt(table, findMarker(table, 0xffff) ?? -1)).toEqual({
      user: 50,
      kernel: 60,
      hypervisor: 2 ** 40,
    });
  });

  it('leaves out a record that was cut off when the emulator was killed', () => {
    const whole = counterFile([at(1, 5), at(2, 6)]);
    for (let cut = 1; cut <= 32; cut++) {
      expect(readCounterFile(whole.subarray(0, whole.length - cut), 'f').length).toBe(1);
    }
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['another file', Buffer.alloc(64, 'x')],
    ['a header alone that is cut off', counterFile([]).subarray(0, 31)],
  ])('refuses %s', (_, bytes) => {
    expect(() => readCounterFile(bytes, 'f')).toThrow(
      expect.objectContaining({ code: 'counter-file-malformed' }),
    );
  });

  it('refuses another version', () => {
    const bytes = counterFile([]);
    bytes.writeUInt32LE(2, 8);
    expect(() => readCounterFile(bytes, 'f')).toThrow(/version is 2/);
  });
});

describe('iterations', () => {
  const { id, warmUp } = workloadByName('null') ?? calibration;
  const begin = 0x100 + 2 * id;

  it('are the differences between paired markers, without the warm-up', () => {
    const records = [];
    for (let i = 0, total = 0; i < warmUp + 3; i++) {
      records.push(at(begin, total, total * 10, total * 100));
      total += i < warmUp ? 1000 : i - warmUp + 1;
      records.push(at(begin + 1, total, total * 10, total * 100));
      total += 7; // the loop around the markers is nobody's cost
    }
    const [only, ...others] = iterationsOf(readCounterFile(counterFile(records), 'f'), 'f');
    expect(others).toEqual([]);
    expect(only?.workload).toBe('null');
    expect([...(only?.user ?? [])]).toEqual([1, 2, 3]);
    expect([...(only?.kernel ?? [])]).toEqual([10, 20, 30]);
    expect([...(only?.hypervisor ?? [])]).toEqual([100, 200, 300]);
  });

  it.each([
    ['an end without a begin', [at(begin + 1, 1)]],
    ['two begins', [at(begin, 1), at(begin, 2)]],
    ['an end of another workload', [at(begin, 1), at(begin + 3, 2)]],
    ['a workload that does not exist', [at(0x4000, 1), at(0x4001, 2)]],
  ])('are refused with %s', (_, records) => {
    expect(() => iterationsOf(readCounterFile(counterFile(records), 'f'), 'f')).toThrow(
      expect.objectContaining({ code: 'counter-file-malformed' }),
    );
  });
});

describe('the table of workloads', () => {
  it('gives every workload a name and an id of its own', () => {
    const all = [calibration, ...workloads];
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });
});
