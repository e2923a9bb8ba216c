import {
  hazards,
  refusals,
  type Constant,
  type ConstantsOf,
  type LoadRow,
  type PatchTarget,
  type Refusal,
} from '../../../engine/contract/app/patch.js';
import { count } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';
import { classWords } from './words.js';

/** Whether loads were counted of this kernel on this target. */
export function isFor(
  { image, environment, cpu }: ConstantsOf,
  sha256: string,
  target: PatchTarget,
): boolean {
  return image.sha256 === sha256 && environment === target.environment && cpu === target.cpu;
}

/** How far a variable is a constant; the buttons over the table are in these words. */
export const constantKinds = ['fits', 'may change', 'does not fit'] as const;
export type ConstantKind = (typeof constantKinds)[number];

export function kindOf({ hazards: found, replaceable }: Constant): ConstantKind {
  if (found.length > 0) return 'may change';
  return replaceable > 0 ? 'fits' : 'does not fit';
}

export const kindColours: Record<ConstantKind, string> = {
  fits: '--verdict-same-but-for-addresses',
  'may change': '--verdict-differs',
  'does not fit': '--line',
};

/** Variables of these kinds, all of them when none is chosen. */
export function rowsOf({ ranked }: ConstantsOf, wanted: readonly ConstantKind[]): Constant[] {
  return wanted.length === 0 ? ranked : ranked.filter((row) => wanted.includes(kindOf(row)));
}

const figure = (
  id: string,
  title: string,
  width: string,
  of: (row: Constant) => number,
): Column<Constant> => ({
  ...{ id, title, width, number: true },
  text: (row) => count(of(row)),
  key: of,
});

/** @param chosen names of those whose loads are to become immediates */
export function constantColumns(chosen: readonly string[]): Column<Constant>[] {
  return [
    {
      ...{ id: 'chosen', title: 'take', width: '46px' },
      text: ({ name }) => (chosen.includes(name) ? '✓' : ''),
    },
    {
      ...{ id: 'name', title: 'variable', width: 'minmax(150px, 1.3fr)', mono: true },
      text: ({ name }) => name,
    },
    {
      ...{ id: 'class', title: 'declared', width: '126px', mono: true },
      text: (row) => classWords[row.class],
    },
    {
      ...{ id: 'value', title: 'value after boot', width: 'minmax(110px, 0.95fr)', mono: true },
      text: ({ value }) => value,
    },
    figure('loads', 'loads', '62px', ({ loads }) => loads),
    figure('replaceable', 'fit', '54px', ({ replaceable }) => replaceable),
    figure('executed', 'executed', '78px', ({ executed }) => executed.all),
    figure('saved', 'saved', '64px', ({ saved }) => saved.all),
    {
      ...{ id: 'verdict', title: 'as a constant', width: 'minmax(150px, 1.5fr)' },
      text: verdictText,
      colour: (row) => kindColours[kindOf(row)],
    },
  ];
}

/** Why it is no constant, or why its loads stay; `fits` where nothing speaks against it. */
export function verdictText(row: Constant): string {
  const against = row.hazards.map(({ kind }) => hazards[kind]);
  if (against.length > 0) return against.join(', ');
  if (row.replaceable > 0) return 'fits';
  return Object.keys(row.refused)
    .map((why) => refusals[why as Refusal])
    .join('; ');
}

/** What speaks against a constant, with the names of who does it. */
export function hazardLines({ hazards: found }: Constant): string[] {
  return found.map(({ kind, where }) =>
    where.length === 0 ? hazards[kind] : `${hazards[kind]}: ${where.join(', ')}`,
  );
}

export const loadColumns: Column<LoadRow>[] = [
  {
    ...{ id: 'address', title: 'address', width: '138px', mono: true },
    text: ({ address }) => address,
  },
  {
    ...{ id: 'place', title: 'function + offset', width: 'minmax(150px, 1.2fr)', mono: true },
    text: ({ place }) => place,
  },
  {
    ...{ id: 'before', title: 'in the file', width: 'minmax(150px, 1.2fr)', mono: true },
    text: ({ before }) => before,
  },
  {
    ...{ id: 'after', title: 'as an immediate', width: 'minmax(150px, 1.3fr)', mono: true },
    text: ({ after, refused }) => after ?? `(stays: ${refused ? refusals[refused] : ''})`,
  },
];
