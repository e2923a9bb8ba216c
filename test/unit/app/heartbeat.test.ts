import { expect, test } from 'vitest';
import { Heartbeat } from '../../../electron/main/heartbeat.js';

test('hangs once so many pings in a row are unanswered; one answer ends it', () => {
  const heartbeat = new Heartbeat(3);
  heartbeat.pinged();
  heartbeat.pinged();
  expect(heartbeat.hangs).toBe(false);
  heartbeat.pinged();
  expect(heartbeat.hangs).toBe(true);
  heartbeat.answered();
  expect(heartbeat.hangs).toBe(false);
});

test('answers in between begin the count anew', () => {
  const heartbeat = new Heartbeat(2);
  for (let i = 0; i < 10; i++) {
    heartbeat.pinged();
    expect(heartbeat.hangs).toBe(false);
    heartbeat.answered();
  }
});
