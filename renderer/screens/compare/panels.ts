import { count } from '../../shared/figures.js';
import { contributions, stacked, type Piece } from './bars.js';
import {
  appliesTo2009,
  figureOf2009,
  percentText,
  type FigureRow,
  type Split,
  type View,
} from './figures.js';

/**
 * What a chart shows, before anything has a place: small multiples, each with one scale.
 *
 * Counts of 185 and of 768,695 share no scale, so a workload is a panel. Percent can be compared
 * between workloads, but not between environments: beside +700 % under Xen nothing is left of the +2 %
 * that bare hardware pays. So there an environment is a panel. Pure.
 */

export interface Bar {
  readonly row: string;
  readonly column: number;
  readonly name: string;
  readonly pieces: Piece[];
  readonly value: string;
  readonly isMissing: boolean;
  readonly split: Split | null;
}

export interface Group {
  /** Of the workload, where the panel is not that of one. */
  readonly name?: string;
  readonly bars: Bar[];
  /** Whether the figure of 2009 stands beside these bars. */
  readonly reference: boolean;
}

export interface Panel {
  readonly title: string;
  readonly groups: Group[];
  readonly range: { readonly least: number; readonly most: number };
  readonly isPercent: boolean;
}

export interface PanelColumn {
  readonly column: number;
  readonly name: string;
  readonly label: string;
  readonly environment: string;
  readonly flavour: string | null;
}

export interface PanelInput {
  readonly view: View;
  /** Workloads, in the order in which they are drawn. */
  readonly rows: readonly FigureRow[];
  /** Workloads that share a scale with them, on other pages; they alone where absent. */
  readonly scaled?: readonly FigureRow[];
  /** The baseline need not be among them: it may be hidden. */
  readonly columns: readonly PanelColumn[];
  readonly baseline: number;
  /** The baseline's own column. */
  readonly base: PanelColumn | undefined;
}

export function panelsOf(input: PanelInput): Panel[] {
  return input.view === 'percent' ? environmentPanels(input) : workloadPanels(input);
}

function workloadPanels({ rows, columns }: PanelInput): Panel[] {
  return rows.map((row) => {
    const bars = columns.map((column): Bar => {
      const { split = null, value = null } = row.figures[column.column] ?? {};
      const known = { row: row.name, column: column.column, name: column.name, split };
      if (!split || value === null) return missing(row, column, column.name);
      return { ...known, pieces: stacked(split), value: count(value), isMissing: false };
    });
    const groups = [{ bars, reference: false }];
    return { title: row.name, groups, range: rangeOf(groups), isPercent: false };
  });
}

function environmentPanels(input: PanelInput): Panel[] {
  const { rows, base } = input;
  const compared = input.columns.filter(({ column }) => column !== input.baseline);
  const environments = [...new Set(compared.map(({ environment }) => environment))];
  return environments.map((environment) => {
    const columns = compared.filter((column) => column.environment === environment);
    const applies = environment === 'bare' && base !== undefined && appliesTo2009(base);
    const groupOf = (row: FigureRow): Group => ({
      name: row.name,
      bars: columns.map((column) => changeBar(row, column, input.baseline)),
      reference: applies && row.name === figureOf2009.workload,
    });
    const range = rangeOf((input.scaled ?? rows).map(groupOf));
    return { title: environment, groups: rows.map(groupOf), range, isPercent: true };
  });
}

function changeBar(row: FigureRow, column: PanelColumn, baseline: number): Bar {
  const base = row.figures[baseline]?.split;
  const figure = row.figures[column.column];
  const split = figure?.split;
  if (!split || figure.value === null) return missing(row, column, column.label);
  return {
    ...{ row: row.name, column: column.column, name: column.label, split },
    pieces: base ? contributions(split, base) : [],
    value: figure.change ? percentText(figure.change.percent) : 'no baseline',
    isMissing: !figure.change,
  };
}

function missing(row: FigureRow, { column }: PanelColumn, name: string): Bar {
  const value = row.figures[column]?.outcome ?? 'none';
  return { row: row.name, column, name, pieces: [], value, isMissing: true, split: null };
}

function rangeOf(groups: readonly Group[]): Panel['range'] {
  const pieces = groups.flatMap(({ bars }) => bars).flatMap((bar) => bar.pieces);
  const reference = groups.some((group) => group.reference) ? figureOf2009.percent : 0;
  const least = Math.min(0, ...pieces.map(({ from }) => from));
  const most = Math.max(0, reference, ...pieces.map(({ to }) => to));
  return most > least ? { least, most } : { least, most: least + 1 };
}
