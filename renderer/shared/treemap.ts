/**
 * Squarified treemaps (Bruls, Huizing, van Wijk, 2000): areas in proportion to sizes, rectangles
 * as close to squares as they come. Pure; who draws it is no matter. Lengths are pixels.
 */
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Fills an area with one rectangle a size, in order. Sizes are to descend; those that are not
 * above 0 get a rectangle without an area.
 */
export function squarify(sizes: readonly number[], area: Rectangle): Rectangle[] {
  const shown = sizes.findIndex((size) => !(size > 0));
  const count = shown < 0 ? sizes.length : shown;
  const total = sizes.slice(0, count).reduce((sum, size) => sum + size, 0);
  const scale = (area.width * area.height) / total;
  const found: Rectangle[] = [];
  let rest = area;
  for (let first = 0; first < count;) {
    const side = Math.min(rest.width, rest.height);
    let end = first + 1;
    let sum = sizes[first]! * scale;
    // The row takes on what makes its worst rectangle no longer than it is.
    while (end < count) {
      const larger = sum + sizes[end]! * scale;
      const [most, before, least] = [sizes[first]!, sizes[end - 1]!, sizes[end]!];
      if (
        longest(most * scale, least * scale, larger, side) >
        longest(most * scale, before * scale, sum, side)
      ) {
        break;
      }
      sum = larger;
      end++;
    }
    rest = layRow(sizes.slice(first, end), sum, scale, rest, found);
    first = end;
  }
  while (found.length < sizes.length) found.push({ x: rest.x, y: rest.y, width: 0, height: 0 });
  return found;
}

/** Longest ratio of sides in a row whose largest and smallest areas are these. */
function longest(most: number, least: number, sum: number, side: number): number {
  return Math.max((side * side * most) / (sum * sum), (sum * sum) / (side * side * least));
}

/** Lays a row along the shorter side, and returns what is left of the area. */
function layRow(
  sizes: readonly number[],
  sum: number,
  scale: number,
  { x, y, width, height }: Rectangle,
  into: Rectangle[],
): Rectangle {
  const isColumn = width >= height;
  const side = isColumn ? height : width;
  const thickness = side > 0 ? Math.min(sum / side, isColumn ? width : height) : 0;
  let at = isColumn ? y : x;
  for (const size of sizes) {
    const length = sum > 0 ? (side * size * scale) / sum : 0;
    into.push(
      isColumn
        ? { x, y: at, width: thickness, height: length }
        : { x: at, y, width: length, height: thickness },
    );
    at += length;
  }
  return isColumn
    ? { x: x + thickness, y, width: width - thickness, height }
    : { x, y: y + thickness, width, height: height - thickness };
}

/** Something with a size that is the sum of those of its parts. */
export interface Sized<Node> {
  readonly size: number;
  /** The largest first; empty for what has none. */
  readonly children: readonly Node[];
}

export interface Tile<Node> extends Rectangle {
  node: Node;
  /** 0 for the children of what is shown. */
  depth: number;
  /** Its children are drawn in it, below a heading. */
  isOpen: boolean;
}

export interface TreemapLook {
  /** Height of the heading of a tile with tiles in it. */
  heading: number;
  /** Space between a tile and those in it. */
  margin: number;
  /** Tiles with a shorter side are not opened, and those below a pixel not laid at all. */
  leastOpen: number;
  levels: number;
}

/** Tiles of a node's children and of theirs, outer ones before those in them. */
export function layTreemap<Node extends Sized<Node>>(
  root: Node,
  area: Rectangle,
  look: TreemapLook,
  depth = 0,
): Tile<Node>[] {
  const tiles: Tile<Node>[] = [];
  const places = squarify(
    root.children.map(({ size }) => size),
    area,
  );
  root.children.forEach((node, i) => {
    const place = places[i]!;
    if (place.width * place.height < 1) return;
    const isOpen =
      node.children.length > 0 &&
      depth + 1 < look.levels &&
      place.width >= look.leastOpen &&
      place.height >= look.leastOpen + look.heading;
    tiles.push({ ...place, node, depth, isOpen });
    if (isOpen) tiles.push(...layTreemap(node, inside(place, look), look, depth + 1));
  });
  return tiles;
}

function inside({ x, y, width, height }: Rectangle, { heading, margin }: TreemapLook): Rectangle {
  return {
    x: x + margin,
    y: y + heading,
    width: width - 2 * margin,
    height: height - heading - margin,
  };
}

/** The innermost tile at a point; tiles are in the order of `layTreemap`. */
export function tileAt<Node>(
  tiles: readonly Tile<Node>[],
  x: number,
  y: number,
): Tile<Node> | undefined {
  return tiles.findLast(
    (tile) => x >= tile.x && x < tile.x + tile.width && y >= tile.y && y < tile.y + tile.height,
  );
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The tile beside one, of the same depth: the nearest in a direction, by the middles of both. */
export function tileBeside<Node>(
  tiles: readonly Tile<Node>[],
  from: Tile<Node>,
  direction: Direction,
): Tile<Node> | undefined {
  const isAcross = direction === 'left' || direction === 'right';
  const sign = direction === 'left' || direction === 'up' ? -1 : 1;
  let best: Tile<Node> | undefined;
  let shortest = Infinity;
  for (const tile of tiles) {
    if (tile === from || tile.depth !== from.depth) continue;
    const [dx, dy] = [middle(tile).x - middle(from).x, middle(tile).y - middle(from).y];
    const [ahead, aside] = isAcross ? [dx * sign, Math.abs(dy)] : [dy * sign, Math.abs(dx)];
    // Further aside than ahead is another direction, but for the far edge of a long tile.
    const distance = ahead + 2 * aside;
    if (ahead > 0.5 && distance < shortest) [best, shortest] = [tile, distance];
  }
  return best;
}

function middle({ x, y, width, height }: Rectangle): { x: number; y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}
