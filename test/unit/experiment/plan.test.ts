import { describe, expect, it } from 'vitest';
import { chooseWorkloads, planHash } from '../../../engine/experiment/plan.js';
import type { Plan } from '../../../engine/experiment/types.js';

const plan: Plan = {
  schema: 1,
  cells: [{ image: 'a'.repeat(64), label: 'native', environment: 'bare' }],
  workloads: ['null', 'pipe'],
  repeat: 1,
  machine: { cpu: 'qemu64', memory: 768, dom0Memory: 384 },
  append: '',
};

describe('the hash of a plan', () => {
  it('is the same for plans that must count the same', () => {
    const other: Plan = {
      ...plan,
      cells: plan.cells.map((cell) => ({ ...cell, label: 'another name' })),
      repeat: 3,
    };
    expect(planHash(other)).toBe(planHash(plan));
  });

  it.each<[string, Partial<Plan>]>([
    ['the image', { cells: [{ image: 'b'.repeat(64), label: 'native', environment: 'bare' }] }],
    [
      'the environment',
      { cells: [{ image: 'a'.repeat(64), label: 'native', environment: 'xen-pv-dom0' }] },
    ],
    ['the workloads', { workloads: ['pipe', 'null'] }],
    ['the CPU', { machine: { ...plan.machine, cpu: 'max' } }],
    ['the memory', { machine: { ...plan.machine, memory: 512 } }],
    ['the command line', { append: 'quiet' }],
  ])('differs when %s does', (_, change) => {
    expect(planHash({ ...plan, ...change })).not.toBe(planHash(plan));
  });
});

describe('the choice of workloads', () => {
  it('is all of them when none is asked for', () => {
    expect(chooseWorkloads(undefined)).toHaveLength(15);
    expect(chooseWorkloads([])).toEqual(chooseWorkloads(undefined));
  });

  it('is in the order of the table, each once', () => {
    expect(chooseWorkloads(['pipe', 'null', 'pipe'])).toEqual(['null', 'pipe']);
  });

  it('refuses what does not exist, and says what does', () => {
    expect(() => chooseWorkloads(['getppid'])).toThrow(
      expect.objectContaining({ code: 'workload-unknown', hint: expect.stringContaining('null') }),
    );
  });
});
