import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Flow } from '../../../electron/host/console/flow.js';
import { Output } from '../../../electron/host/console/output.js';
import { Stopwatch } from '../../../electron/host/console/stopwatch.js';
import { flow as marks } from '../../../engine/contract/app/console.js';
import { Acknowledger } from '../../../renderer/screens/console/acknowledge.js';

function braked() {
  const brake = { hold: vi.fn(), release: vi.fn() };
  return { brake, flow: new Flow(brake) };
}

test('a guest is held back above the high watermark and goes on at the low one', () => {
  const { brake, flow } = braked();
  flow.sent(marks.highWatermark);
  expect(brake.hold).not.toHaveBeenCalled();
  flow.sent(1);
  flow.sent(1);
  expect(brake.hold).toHaveBeenCalledTimes(1);
  flow.acknowledged(marks.highWatermark - marks.lowWatermark);
  expect(brake.release).not.toHaveBeenCalled();
  flow.acknowledged(2);
  expect(brake.release).toHaveBeenCalledTimes(1);
});

test('a late acknowledgement of an earlier boot makes no debt', () => {
  const { brake, flow } = braked();
  flow.acknowledged(1_000_000);
  flow.sent(marks.highWatermark + 1);
  expect(flow.pending).toBe(marks.highWatermark + 1);
  expect(brake.hold).toHaveBeenCalledTimes(1);
});

test('whatever the pieces, a terminal that takes in all it is sent never leaves the guest held', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300_000 }), { maxLength: 50 }), (pieces) => {
      let held = false;
      const flow = new Flow({ hold: () => (held = true), release: () => (held = false) });
      const acknowledger = new Acknowledger((characters) => flow.acknowledged(characters));
      for (const piece of pieces) {
        flow.sent(piece);
        expect(held).toBe(flow.pending > marks.highWatermark);
        acknowledger.taken(piece);
        expect(held).toBe(false);
        expect(flow.pending).toBeLessThan(marks.acknowledgeEvery);
      }
    }),
  );
});

test('single characters are gathered into one message, without what a terminal must not honour', () => {
  vi.useFakeTimers();
  const sent: string[] = [];
  const output = new Output((bytes) => sent.push(Buffer.from(bytes).toString()));
  for (const one of 'a\x1b]52;c;AAAA\x07b') output.push(Buffer.from(one));
  expect(sent).toEqual([]);
  vi.runAllTimers();
  output.push(Buffer.from('end'));
  output.flush();
  vi.runAllTimers();
  vi.useRealTimers();
  expect(sent).toEqual(['ab', 'end']);
});

test('elapsed time stands still in a pause', () => {
  let now = 1000;
  const watch = new Stopwatch(() => now);
  now += 10;
  watch.pause();
  now += 500;
  watch.pause();
  expect(watch.elapsed).toBe(10);
  watch.resume();
  watch.resume();
  now += 5;
  expect(watch.elapsed).toBe(15);
});
