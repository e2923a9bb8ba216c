import { expect, test } from 'vitest';
import {
  matchingRows,
  searchTexts,
  sortedRows,
  windowOfRows,
} from '../../../renderer/shared/window-of-rows.js';

test('draws what is seen and a little more, never beyond the ends', () => {
  expect(windowOfRows(50_000, 24, 0, 240)).toEqual({ first: 0, end: 18 });
  expect(windowOfRows(50_000, 24, 24_000, 240)).toEqual({ first: 992, end: 1018 });
  expect(windowOfRows(5, 24, 24_000, 240)).toEqual({ first: 5, end: 5 });
});

test('sorts by key; equal rows keep their order, null comes first', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 1 }, { n: 2 }];
  expect([...sortedRows(rows, ({ n }) => n, false)]).toEqual([1, 2, 0, 3]);
  expect([...sortedRows(rows, ({ n }) => n, true)]).toEqual([0, 3, 2, 1]);
  expect([...sortedRows(rows, undefined, true)]).toEqual([0, 1, 2, 3]);
});

test('filters by the text of every column but figures, in the order of sorting', () => {
  const columns = [
    { text: ({ name }: { name: string }) => name },
    { number: true, text: () => '42' },
    { text: () => 'kernel/fork.c' },
  ];
  const rows = [{ name: 'Schedule' }, { name: 'fork' }];
  const texts = searchTexts(rows, columns);
  expect([...matchingRows(Uint32Array.of(1, 0), texts, 'sched')]).toEqual([0]);
  expect([...matchingRows(Uint32Array.of(1, 0), texts, 'fork.c')]).toEqual([1, 0]);
  expect([...matchingRows(Uint32Array.of(1, 0), texts, '42')]).toEqual([]);
});

test('no text is asked for again while a filter is typed', () => {
  let asked = 0;
  const columns = [{ text: (row: number) => (asked++, String(row)) }];
  const rows = Array.from({ length: 1000 }, (_, i) => i);
  const texts = searchTexts(rows, columns);
  for (const needle of ['1', '12', '123'])
    matchingRows(sortedRows(rows, undefined, false), texts, needle);
  expect(asked).toBe(1000);
});
