import {
  reasons,
  verdicts,
  type Comparison,
  type ComparisonColumns,
  type Reason,
  type Verdict,
} from '../../../engine/contract/app/merge.js';
import { count } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';

/** Rows of the table of functions are indices into the comparison's columns. */
export type Row = number;

/** What a verdict is called, and the one colour it has everywhere. `A` and `B` stand for the kernels' names. */
export const verdictWords: Record<Verdict, string> = {
  identical: 'identical bytes',
  addresses: 'same but for addresses',
  differs: 'differs',
  'only-a': 'only in A',
  'only-b': 'only in B',
};

export const verdictColours: Record<Verdict, string> = {
  identical: '--verdict-identical',
  addresses: '--verdict-same-but-for-addresses',
  differs: '--verdict-differs',
  'only-a': '--verdict-only-here',
  'only-b': '--verdict-only-here',
};

export const reasonWords: Record<Reason, string> = {
  paravirt: 'a call that paravirt patches is another or is missing',
  alternative: 'an alternative, code that is replaced by what the processor can, is another',
  'static-key': 'a static key (jump label) is another',
  structure: 'other members or sizes of a structure: constants differ',
  inlining: 'other functions were inlined or called',
  registers: 'the compiler chose other registers',
  reference: 'it leads to another function or variable',
  layout: 'the same instructions in another order or alignment',
  other: 'no single reason was found',
};

export function verdictOf({ verdict }: ComparisonColumns, row: Row): Verdict {
  return verdicts[verdict[row]!]!;
}

/** The main reason first, then whatever else was seen; empty where nothing differs. */
function reasonText({ reason, evidence }: ComparisonColumns, row: Row): string {
  const main = reasons[reason[row]!];
  if (main === undefined) return '';
  const others = reasons.filter((one, i) => one !== main && evidence[row]! & (1 << i));
  return [main, ...others].join(', ');
}

/** `differs: paravirt, structure`. */
export function verdictText(functions: ComparisonColumns, row: Row): string {
  const why = reasonText(functions, row);
  const verdict = verdictWords[verdictOf(functions, row)];
  return why === '' ? verdict : `${verdict}: ${why}`;
}

/** Rows that have one of these verdicts, all of them when none is chosen. */
export function rowsWith(
  { length, verdict }: ComparisonColumns,
  wanted: readonly Verdict[],
): Row[] {
  const numbers = new Set(wanted.map((one) => verdicts.indexOf(one)));
  const rows: Row[] = [];
  for (let row = 0; row < length; row++) {
    if (numbers.size === 0 || numbers.has(verdict[row]!)) rows.push(row);
  }
  return rows;
}

/** Columns of the table of functions: they read the comparison's columns, no object a row is made. */
export function functionColumns({ functions, sources, sectionsA }: Comparison): Column<Row>[] {
  const otherNames = new Map(functions.nameB.map(({ row, name }) => [row, name]));
  const { sizeA, sizeB } = functions;
  const size = (value: number): string => (Number.isNaN(value) ? '' : count(value));
  const key = (value: number): number | null => (Number.isNaN(value) ? null : value);
  const change = (row: Row): number => (sizeB[row]! || 0) - (sizeA[row]! || 0);
  const figure = (id: string, title: string, of: (row: Row) => number): Column<Row> => ({
    ...{ id, title, width: '78px', number: true },
    text: (row) => size(of(row)),
    key: (row) => key(of(row)),
  });
  return [
    {
      ...{ id: 'name', title: 'function', width: 'minmax(160px, 2fr)', mono: true },
      text: (row) => {
        const other = otherNames.get(row);
        return other === undefined ? functions.name[row]! : `${functions.name[row]!} = ${other}`;
      },
    },
    {
      ...{ id: 'verdict', title: 'verdict: why', width: 'minmax(190px, 1.3fr)' },
      text: (row) => verdictText(functions, row),
      key: (row) => functions.verdict[row]! * 256 + functions.reason[row]!,
      colour: (row) => verdictColours[verdictOf(functions, row)],
    },
    figure('sizeA', 'A (bytes)', (row) => sizeA[row]!),
    figure('sizeB', 'B (bytes)', (row) => sizeB[row]!),
    {
      ...{ id: 'change', title: 'B − A (bytes)', width: '106px', number: true },
      text: (row) => signed(change(row)),
      key: change,
    },
    {
      ...{ id: 'source', title: 'source', width: 'minmax(90px, 1fr)', mono: true },
      text: (row) => sources[functions.source[row]!] ?? '',
    },
    {
      ...{ id: 'section', title: 'section', width: '92px', mono: true },
      text: (row) => sectionsA[functions.section[row]!]?.name ?? '',
    },
  ];
}

/** `+16`, `−16`, and nothing for no change. */
function signed(value: number): string {
  if (value === 0) return '';
  return `${value > 0 ? '+' : '−'}${count(Math.abs(value))}`;
}

/** `ffffffff81000000`, of a signed address: as objdump and nm print it. */
export function addressText(address: number): string {
  return BigInt.asUintN(64, BigInt(address)).toString(16).padStart(16, '0');
}
