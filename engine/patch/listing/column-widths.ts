/** No column is made narrower than this. */
const narrowest = 12;

/**
 * Takes from the widest columns until all fit.
 * @param widths are changed
 * @param fixed columns at the beginning that keep their width
 */
export function narrow(widths: number[], room: number, fixed = 0): void {
  for (let over = widths.reduce((a, b) => a + b, 0) - room; over > 0; over--) {
    const widest = widths.indexOf(Math.max(...widths.slice(fixed)), fixed);
    if (widest < 0 || widths[widest]! <= narrowest) return;
    widths[widest]!--;
  }
}
