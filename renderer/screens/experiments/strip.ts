/**
 * A strip chart of every iteration of a workload: one vertical stroke a pixel
 * column, from the least to the most of the iterations that fall on it, so that a
 * single disturbed one of a thousand is still seen. Pure.
 * @returns SVG path data in a box of width x height, the least at the bottom
 */
export function stripPath(samples: ArrayLike<number>, width: number, height: number): string {
  const { length } = samples;
  if (length === 0) return '';
  const [least, most] = extremes(samples, 0, length);
  const y = (value: number): number =>
    most === least ? height / 2 : height - 1 - ((value - least) / (most - least)) * (height - 2);
  const columns = Math.min(width, length);
  const strokes: string[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * length) / columns);
    const end = Math.floor(((column + 1) * length) / columns);
    const [low, high] = extremes(samples, from, Math.max(end, from + 1));
    const x = ((column + 0.5) * width) / columns;
    // A stroke of no length is drawn by nobody: half a pixel each way.
    strokes.push(`M${round(x)} ${round(y(low) + 0.5)}V${round(y(high) - 0.5)}`);
  }
  return strokes.join('');
}

function extremes(samples: ArrayLike<number>, from: number, end: number): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (let i = from; i < end; i++) {
    least = Math.min(least, samples[i]!);
    most = Math.max(most, samples[i]!);
  }
  return [least, most];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
