import { describe, expect, it } from 'vitest';
import { clusterContexts } from '../../../engine/recipe/clusters.js';

/** Contexts of two kinds, which prefer different symbols. */
const kinds = Array.from({ length: 40 }, (_, context) =>
  Uint32Array.from({ length: 16 }, (_, symbol) =>
    symbol < 8 === (context % 3 === 0) ? 500 + ((context * symbol) % 7) : 2,
  ),
);

describe('contexts that share code tables', () => {
  it('share them with contexts of their kind', () => {
    const { tableOf, tables } = clusterContexts(kinds, [1, 2, 8]);
    expect(tables.length).toBeGreaterThan(1);
    const tablesOf = (isKind: (context: number) => boolean): Set<number> =>
      new Set([...tableOf].filter((_, context) => isKind(context)));
    const ones = tablesOf((context) => context % 3 === 0);
    const others = tablesOf((context) => context % 3 !== 0);
    expect([...ones].filter((table) => others.has(table))).toEqual([]);
  });

  it('get one table when they are few, since a table costs too', () => {
    const few = kinds.slice(0, 3).map((row) => row.map((n) => n >> 8));
    expect(clusterContexts(few, [1, 4]).tables).toHaveLength(1);
  });

  it('can all be coded: every symbol that a context has is in its table', () => {
    const sparse = kinds.map((row, i) => row.map((n, s) => ((i + s) % 5 === 0 ? n : 0)));
    const { tableOf, tables } = clusterContexts(sparse, [3, 9]);
    sparse.forEach((row, context) => {
      row.forEach((n, symbol) => {
        if (n > 0) expect(tables[tableOf[context]!]![symbol]).toBeGreaterThan(0);
      });
    });
    expect(Math.max(...tableOf)).toBe(tables.length - 1);
  });

  it('have a table even when nothing occurs', () => {
    const { tableOf, tables } = clusterContexts([new Uint32Array(4), new Uint32Array(4)], [1, 2]);
    expect([...tableOf]).toEqual([0, 0]);
    expect(tables).toEqual([new Uint8Array(4)]);
  });
});
