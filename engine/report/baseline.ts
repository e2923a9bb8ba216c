import { reportErrors } from '../errors/report.js';
import type { Column } from './types.js';

type Named = Pick<Column, 'label' | 'environment' | 'name'>;

/** What a column is called: `xen/bare`. */
export function columnName({ label, environment }: Pick<Column, 'label' | 'environment'>): string {
  return `${label}/${environment}`;
}

/**
 * Finds the column the others are compared with.
 * @param wanted a label (the first column that has it), `label/environment`
 *   where the environment may be shortened to its last words (`xen/dom0`), or an
 *   index from 0, as a number or as digits; the first column when undefined
 * @throws report-unknown-baseline listing the columns
 */
export function findBaseline(
  columns: readonly Named[],
  wanted: string | number | undefined,
): number {
  if (wanted === undefined) return 0;
  const text = String(wanted);
  const tests: ((column: Named) => boolean)[] = [
    (column) => column.name === text,
    (column) => column.label === text,
    (column) => isShort(column, text),
  ];
  if (typeof wanted === 'string') {
    for (const test of tests) {
      const index = columns.findIndex(test);
      if (index >= 0) return index;
    }
  }
  const index = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (index >= 0 && index < columns.length) return index;
  throw reportErrors.unknownBaseline({
    baseline: text,
    columns: columns.map((column) => column.name),
  });
}

/** `xen/dom0` or `xen/pvh-dom0`: the environment by its last words. */
function isShort({ label, environment }: Named, text: string): boolean {
  const prefix = `${label}/`;
  return text.startsWith(prefix) && `-${environment}`.endsWith(`-${text.slice(prefix.length)}`);
}
