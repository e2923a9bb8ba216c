import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAlive, isProcess, pidOf, startOf, thisOwner } from '../../../db/owner.js';

test('this process is alive, under its own start and boot only', () => {
  const [pid, start, ...boot] = thisOwner().split('-');
  expect(pidOf(thisOwner())).toBe(process.pid);
  expect(isAlive(thisOwner())).toBe(true);
  expect(isAlive(`${pid}-${Number(start) + 1}-${boot.join('-')}`)).toBe(false);
  expect(isAlive(`${pid}-${start}-another-boot`)).toBe(false);
  expect(isAlive('nonsense')).toBe(false);
  expect(isAlive('')).toBe(false);
});

test('the start time is the same at every look, and process 1 is older', () => {
  const own = startOf(process.pid);
  expect(own).toBe(startOf(process.pid));
  expect(startOf(1)).toBeLessThan(own ?? 0);
});

test('a process that was killed is dead, even before its parent takes notice', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const start = startOf(pid) ?? 0;
  expect(isProcess(pid, start)).toBe(true);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  // No await here: node cannot reap the child meanwhile, so it stays a zombie.
  const deadline = Date.now() + 5000;
  while (isProcess(pid, start) && Date.now() < deadline);
  expect(isProcess(pid, start)).toBe(false);
  await exit;
  expect(isProcess(pid, start)).toBe(false);
});
