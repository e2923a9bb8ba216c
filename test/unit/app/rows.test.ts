import { expect, test } from 'vitest';
import { orderOfRows, windowOfRows } from '../../../renderer/shared/window-of-rows.js';

test('draws what is seen and a little more, never beyond the ends', () => {
  expect(windowOfRows(50_000, 24, 0, 240)).toEqual({ first: 0, end: 18 });
  expect(windowOfRows(50_000, 24, 24_000, 240)).toEqual({ first: 992, end: 1018 });
  expect(windowOfRows(5, 24, 24_000, 240)).toEqual({ first: 5, end: 5 });
});

test('filters and sorts by key; equal rows keep their order, null comes first', () => {
  const rows = [{ n: 2 }, { n: null }, { n: 1 }, { n: 2 }];
  expect([...orderOfRows(rows, undefined, ({ n }) => n, false)]).toEqual([1, 2, 0, 3]);
  expect([...orderOfRows(rows, undefined, ({ n }) => n, true)]).toEqual([0, 3, 2, 1]);
  expect([...orderOfRows(rows, ({ n }) => n === 2, undefined, false)]).toEqual([0, 3]);
});
