import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  layTreemap,
  squarify,
  tileAt,
  tileBeside,
  type Rectangle,
  type Sized,
} from '../../../renderer/shared/treemap.js';

interface Node extends Sized<Node> {
  name: string;
}
const node = (name: string, size: number, children: Node[] = []): Node => ({
  name,
  size,
  children,
});
const area: Rectangle = { x: 10, y: 20, width: 600, height: 400 };
const look = { heading: 14, margin: 2, leastOpen: 20, levels: 2 };

describe('squarify', () => {
  it("lays the paper's example as the paper does", () => {
    const places = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
    const rounded = places.map((place) =>
      Object.values(place).map((n: number) => Math.round(n * 100) / 100),
    );
    expect(rounded.slice(0, 4)).toEqual([
      [0, 0, 3, 2],
      [0, 2, 3, 2],
      [3, 0, 1.71, 2.33],
      [4.71, 0, 1.29, 2.33],
    ]);
  });

  it('gives every size its share of the area, inside of it, none over another', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 1e7 }), { maxLength: 60 });
    const lengths = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(sizes, lengths, lengths, (list, width, height) => {
        const ordered = list.sort((a, b) => b - a);
        const total = ordered.reduce((sum, size) => sum + size, 0);
        const places = squarify(ordered, { x: 5, y: 7, width, height });
        expect(places).toHaveLength(ordered.length);
        places.forEach((place, i) => {
          const share = total === 0 ? 0 : (ordered[i]! / total) * width * height;
          expect(place.width * place.height).toBeCloseTo(share, 2);
          expect(place.x).toBeGreaterThanOrEqual(5 - 1e-6);
          expect(place.y).toBeGreaterThanOrEqual(7 - 1e-6);
          expect(place.x + place.width).toBeLessThanOrEqual(5 + width + 1e-6);
          expect(place.y + place.height).toBeLessThanOrEqual(7 + height + 1e-6);
          for (const other of places.slice(0, i)) expect(overlap(place, other)).toBeLessThan(1e-3);
        });
      }),
    );
  });

  it('does not fail on an area without a side, nor on sizes that are none', () => {
    expect(squarify([3, 2], { x: 0, y: 0, width: 0, height: 10 })).toHaveLength(2);
    expect(squarify([0, 0], area).every(({ width }) => width === 0)).toBe(true);
    expect(squarify([], area)).toEqual([]);
  });
});

function overlap(a: Rectangle, b: Rectangle): number {
  const across = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const down = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, across) * Math.max(0, down);
}

describe('a treemap', () => {
  const root = node('', 100, [
    node('mm', 60, [node('slab', 40, [node('kmalloc', 40)]), node('swap', 20)]),
    node('fs', 30, [node('namei', 30)]),
    node('init', 10),
  ]);

  it('opens tiles with room for more, as deep as it is told', () => {
    const tiles = layTreemap(root, area, look);
    expect(tiles.map((tile) => [tile.node.name, tile.depth, tile.isOpen])).toEqual([
      ['mm', 0, true],
      ['slab', 1, false],
      ['swap', 1, false],
      ['fs', 0, true],
      ['namei', 1, false],
      ['init', 0, false],
    ]);
    const narrow = layTreemap(root, { ...area, height: 30 }, look);
    expect(narrow.every(({ isOpen }) => !isOpen)).toBe(true);
  });

  it('finds the innermost tile at a point, and none outside', () => {
    const tiles = layTreemap(root, area, look);
    const slab = tiles.find((tile) => tile.node.name === 'slab')!;
    expect(tileAt(tiles, slab.x + 1, slab.y + 1)?.node.name).toBe('slab');
    // Its heading is the tile itself.
    expect(tileAt(tiles, area.x + 3, area.y + 3)?.node.name).toBe('mm');
    expect(tileAt(tiles, 5, 5)).toBeUndefined();
  });

  it('leads from tile to tile by direction, and nowhere beyond the edge', () => {
    const tiles = layTreemap(root, area, { ...look, levels: 1 });
    const [mm, fs, init] = tiles as [(typeof tiles)[0], (typeof tiles)[0], (typeof tiles)[0]];
    expect(tileBeside(tiles, mm, 'right')).toBe(fs);
    expect(tileBeside(tiles, fs, 'left')).toBe(mm);
    expect(tileBeside(tiles, fs, 'down')).toBe(init);
    expect(tileBeside(tiles, mm, 'left')).toBeUndefined();
  });

  it('leaves out what is smaller than a pixel', () => {
    const crowd = Array.from({ length: 1000 }, (_, i) => node(`f${i}`, 1));
    const tiles = layTreemap(node('', 1e9, [node('big', 1e9 - 1000), ...crowd]), area, look);
    expect(tiles).toHaveLength(1);
  });
});
