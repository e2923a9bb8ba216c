import { expect, test } from 'vitest';
import { followExperiment } from '../../../electron/host/experiments/follow.js';
import type {
  Choices,
  Experiment,
  ExperimentProgress,
} from '../../../engine/contract/app/experiments.js';
import type { ProgressEvent } from '../../../engine/progress.js';
import { cellKey, cellsOf, firstChoice } from '../../../renderer/screens/experiments/compose.js';
import { stripPath } from '../../../renderer/screens/experiments/strip.js';
import {
  duration,
  estimateText,
  isUnfinished,
  search,
} from '../../../renderer/screens/experiments/words.js';
import { plan, sha256 } from '../../support/workspace-records.js';

const native = sha256('native');
const xen = sha256('xen');
const choices: Choices = {
  images: [
    {
      ...{ sha256: native, name: 'native' },
      verdicts: [
        { environment: 'bare', boots: true, reason: 'boot protocol 2.15' },
        { environment: 'xen-pv-dom0', boots: false, reason: 'CONFIG_XEN is off' },
      ],
    },
    {
      ...{ sha256: xen, name: 'xen' },
      verdicts: [
        { environment: 'bare', boots: true, reason: 'boot protocol 2.15' },
        { environment: 'xen-pv-dom0', boots: true, reason: 'Xen note ENTRY' },
      ],
    },
  ],
  environments: [
    { name: 'bare', summary: '' },
    { name: 'xen-pv-dom0', summary: '' },
  ],
  workloads: [{ name: 'null', operation: 'getppid()' }],
  machine: plan.machine,
};

test('a plan has the chosen cells in the order of the images, and none that cannot boot', () => {
  const chosen = [cellKey(xen, 'xen-pv-dom0'), cellKey(native, 'xen-pv-dom0')];
  const cells = cellsOf(choices, new Set([...chosen, cellKey(native, 'bare')]));
  expect(cells.map(({ label, environment }) => `${label}/${environment}`)).toEqual([
    'native/bare',
    'xen/xen-pv-dom0',
  ]);
  expect([...firstChoice(choices).cells]).toEqual([cellKey(native, 'bare'), cellKey(xen, 'bare')]);
});

test('an estimate says what it rests on', () => {
  expect(estimateText(0, undefined)).toBe('0 boots');
  expect(estimateText(2, { wall: 70_400, unknown: 0 })).toContain('about 1 min 10 s');
  expect(estimateText(3, { wall: 4_700, unknown: 1 })).toContain('and 1 that none tells of');
  expect(estimateText(1, { wall: 0, unknown: 1 })).toContain('no earlier run');
  expect([duration(59_949), duration(3_600_000)]).toEqual(['59.9 s', '1 h 0 min']);
});

test('the search wants every word, of name, note, state, images or workloads', () => {
  const one = (name: string, note: string): Experiment => ({
    ...{ id: 1, name, note, state: 'done', plan, planHash: native, planned: 1, done: 1 },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', finishedAt: null },
  });
  const all = [one('lab', 'before the patch'), one('measure', '')];
  const names = (text: string): string[] => search(all, text).map(({ name }) => name);
  expect(names('PATCH lab')).toEqual(['lab']);
  expect(names('native null')).toEqual(['lab', 'measure']);
  expect(names('patch measure')).toEqual([]);
  expect(isUnfinished({ state: 'interrupted' })).toBe(true);
});

test('a strip keeps a single disturbed iteration of a thousand', () => {
  const samples = new Float64Array(1000).fill(200);
  samples[777] = 900;
  const path = stripPath(samples, 100, 20);
  const strokes = path.split('M').slice(1);
  expect(strokes).toHaveLength(100);
  // Column 77 reaches from the bottom to the top; its neighbour does not.
  expect(strokes[77]).toMatch(/^77\.5 19\.5V0\.5$/);
  expect(strokes[78]).toMatch(/^78\.5 19\.5V18\.5$/);
  expect(stripPath([], 100, 20)).toBe('');
  expect(stripPath([5, 5], 100, 20)).not.toContain('NaN');
});

test('runs of an experiment become the steps of one job, and what windows are told', () => {
  const told: ExperimentProgress[] = [];
  const steps: ProgressEvent[] = [];
  const { listener, stop } = followExperiment(
    { experiment: 3, done: 1, planned: 4 },
    (progress) => told.push(progress),
    (event) => steps.push(event),
  );
  const job = 'run:7';
  listener({ kind: 'start', job, title: 'native on bare', expected: 4700 });
  listener({ kind: 'step', job, detail: 'pipe', done: 1, total: 2 });
  listener({ kind: 'line', job, text: 'hello' });
  listener({ kind: 'end', job, result: 'done' });
  stop();
  expect(told[0]).toMatchObject({ experiment: 3, done: 1, run: { id: 7, expected: 4700 } });
  expect(told.at(-1)).toMatchObject({ done: 2, run: null });
  expect(steps).toContainEqual({
    ...{ kind: 'step', job: 'experiment:3', detail: 'native on bare: pipe' },
    ...{ done: 1.5, total: 4 },
  });
  expect(steps).toContainEqual({ kind: 'line', job: 'experiment:3', text: 'hello' });
});
