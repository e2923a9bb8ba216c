import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { compare } from '../../../engine/report/comparison.js';
import { mailTable, terminalTable, textTable } from '../../../engine/report/text.js';
import { standard } from './fixture.js';
import { hostileLabels, troubled } from './troubled.js';

const widest = (text: string): number => Math.max(...text.split('\n').map((l) => stringWidth(l)));
const plain = { colour: false, split: false, memory: false };

describe('the table', () => {
  const standardTable = compare(standard());

  it('is what it was, 120 columns wide', async () => {
    const text = textTable(standardTable, { ...plain, width: 120 });
    await expect(text).toMatchFileSnapshot('golden/terminal-120.txt');
  });

  it('goes to blocks that repeat the baseline, 80 columns wide', async () => {
    const text = textTable(standardTable, { ...plain, width: 80 });
    await expect(text).toMatchFileSnapshot('golden/terminal-80.txt');
  });

  it('shows user, kernel and hypervisor when asked', async () => {
    await expect(mailTable(standardTable, { split: true })).toMatchFileSnapshot(
      'golden/mail-split.txt',
    );
  });

  it('shows what is wrong where it is wrong', async () => {
    await expect(mailTable(compare(troubled()))).toMatchFileSnapshot('golden/mail-troubled.txt');
  });

  it.each([60, 80, 100, 120])('stays within %i columns', (width) => {
    const text = textTable(standardTable, { width, colour: false, split: true, memory: true });
    expect(widest(text)).toBeLessThanOrEqual(width);
  });

  it('keeps five columns side by side in 100', () => {
    const text = textTable(standardTable, { ...plain, width: 100 });
    expect(text.match(/^null /gm)).toHaveLength(1);
  });

  it('puts a baseline in the middle first in every block', () => {
    const comparison = compare({ ...standard(), baseline: 'xen/dom0' });
    const heads = textTable(comparison, { ...plain, width: 60 }).match(/^ {11}.*\n(?=workload)/gm);
    expect(heads?.length).toBeGreaterThan(1);
    for (const head of heads ?? []) expect(head.trim()).toMatch(/^xen /);
  });

  it('says that boots counted alike only when all did', () => {
    expect(textTable(standardTable, { ...plain, width: 200 })).toContain(
      '3 boots a column, equal in every iteration;',
    );
    const text = textTable(compare(troubled()), { ...plain, width: 200 });
    expect(text).toContain('3 boots a column;');
  });

  it('lists a shortened label once, however many columns it has', () => {
    const input = standard();
    const label = 'a-label-that-is-longer-than-a-column';
    for (const cell of input.experiment.plan.cells) cell.label = label;
    const text = textTable(compare(input), { ...plain, width: 200 });
    expect(text.match(new RegExp(` is ${label}`, 'g'))).toHaveLength(1);
  });

  it('tells what is equal from what rounds to nothing', () => {
    const input = standard();
    for (const each of input.measurements) {
      if (each.workload !== 'fork_exec' || each.runId < 10 || each.runId > 12) continue;
      each.instructions += 2;
      each.split.kernel += 2;
    }
    const text = textTable(compare(input), { ...plain, width: 120 });
    expect(text).toMatch(/fork_exec .* 404,745 \+0\.00%/);
    expect(text).toMatch(/fork_exit .* 116,263 +=/);
  });
});

describe('colour', () => {
  it('changes nothing but the colour', () => {
    const comparison = compare(troubled());
    const coloured = textTable(comparison, { ...plain, width: 100, colour: true });
    expect(coloured).toContain('\x1b[31m');
    expect(stripVTControlCharacters(coloured)).toBe(
      textTable(comparison, { ...plain, width: 100 }),
    );
  });

  it('is for terminals only', () => {
    const text = terminalTable(compare(standard()), { isTTY: false, columns: 120 });
    expect(text).not.toContain('\x1b');
  });
});

describe('labels', () => {
  it.each(hostileLabels)('%j neither breaks a line nor reaches the terminal raw', (label) => {
    const input = standard();
    input.experiment.plan.cells[1]!.label = label;
    input.experiment.name = label;
    const text = mailTable(compare(input));
    // eslint-disable-next-line no-control-regex -- naming control characters is the point
    expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text.match(/^null +203 +205 /gm)).toHaveLength(1);
  });
});
