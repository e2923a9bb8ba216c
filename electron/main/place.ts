/** Where windows are: x and y of the upper left corner on the desktop of all screens, in DIP. */
export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

const defaultSize = { width: 1280, height: 800 };

/** As much of a window's upper edge must be on a screen that it can be seen and dragged. */
const grip = { width: 100, height: 30 };

/**
 * Where to open a window that was there: at the same place when its upper edge is on a
 * screen that there is now, not larger than that; else by the default, in the middle.
 */
export function placeOf(was: Bounds | null, areas: readonly Bounds[]): Bounds | typeof defaultSize {
  if (was === null) return defaultSize;
  const area = areas.find((one) => holdsGrip(one, was));
  if (!area) return defaultSize;
  return {
    x: was.x,
    y: Math.max(was.y, area.y),
    width: Math.min(was.width, area.width),
    height: Math.min(was.height, area.height),
  };
}

function holdsGrip(area: Bounds, { x, y, width }: Bounds): boolean {
  const shown = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return shown >= grip.width && y > area.y - grip.height && y <= area.y + area.height - grip.height;
}
