import { expect, it } from 'vitest';
import { placeOf } from '../../../electron/main/place.js';

/** A laptop's screen with a panel on top, and a larger one to its left. */
const laptop = { x: 0, y: 28, width: 1280, height: 772 };
const large = { x: -2560, y: 0, width: 2560, height: 1440 };
const standard = { width: 1280, height: 800 };

it('opens the window where it was, on any screen', () => {
  const there = { x: -2400, y: 100, width: 1600, height: 1000 };
  expect(placeOf(there, [laptop, large])).toEqual(there);
  // Dragged half out of the screen's side: so it was left.
  const half = { x: -300, y: 60, width: 1000, height: 700 };
  expect(placeOf(half, [laptop])).toEqual(half);
});

it('opens it by the default when its screen is gone, or none can be grasped there', () => {
  expect(placeOf(null, [laptop])).toEqual(standard);
  expect(placeOf({ x: -2400, y: 100, width: 1600, height: 1000 }, [laptop])).toEqual(standard);
  expect(placeOf({ x: 1240, y: 100, width: 1000, height: 700 }, [laptop])).toEqual(standard);
  expect(placeOf({ x: 100, y: 790, width: 1000, height: 700 }, [laptop])).toEqual(standard);
  expect(placeOf({ x: 100, y: -400, width: 1000, height: 700 }, [laptop])).toEqual(standard);
});

it('is never larger than its screen, nor under the panel', () => {
  const was = { x: 0, y: 10, width: 2000, height: 1200 };
  expect(placeOf(was, [laptop])).toEqual({ x: 0, y: 28, width: 1280, height: 772 });
});
