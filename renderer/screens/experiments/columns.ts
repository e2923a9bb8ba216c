import type { Experiment, Run } from '../../../engine/contract/app/experiments.js';
import { localTime } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';
import { planText, runText } from './words.js';

export const experimentColumns: readonly Column<Experiment>[] = [
  { id: 'name', title: 'name', width: 'minmax(120px, 1fr)', text: ({ name }) => name },
  { id: 'state', title: 'state', width: '90px', text: ({ state }) => state },
  {
    id: 'done',
    title: 'boots done',
    width: '90px',
    number: true,
    text: ({ done, planned }) => `${done} of ${planned}`,
    key: ({ done }) => done,
  },
  { id: 'plan', title: 'boots', width: 'minmax(160px, 2fr)', text: ({ plan }) => planText(plan) },
  { id: 'note', title: 'note', width: 'minmax(80px, 1fr)', text: ({ note }) => note },
  {
    id: 'created',
    title: 'created',
    width: '140px',
    number: true,
    text: ({ createdAt }) => localTime(createdAt),
    key: ({ createdAt }) => createdAt,
  },
];

export const runColumns: readonly Column<Run>[] = [
  {
    id: 'id',
    title: 'run',
    width: '50px',
    number: true,
    text: ({ id }) => `${id}`,
    key: ({ id }) => id,
  },
  {
    id: 'column',
    title: 'image/environment',
    width: 'minmax(150px, 3fr)',
    text: ({ label, environment }) => `${label}/${environment}`,
  },
  {
    id: 'boot',
    title: 'boot',
    width: '50px',
    number: true,
    text: ({ repetition }) => `${repetition + 1}`,
    key: ({ repetition }) => repetition,
  },
  { id: 'state', title: 'state', width: '90px', text: ({ state, outcome }) => outcome ?? state },
  {
    id: 'wall',
    title: 'emulated (s)',
    width: '95px',
    number: true,
    text: ({ wall }) => (wall === null ? '' : (wall / 1000).toFixed(1)),
    key: ({ wall }) => wall,
  },
  { id: 'evidence', title: 'evidence', width: 'minmax(72px, 1fr)', text: runText },
];
