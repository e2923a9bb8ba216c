import { expect, test } from 'vitest';
import { GrantedFiles } from '../../../electron/main/granted-files.js';
import type { OrderFrame } from '../../../engine/contract/app/wire.js';

/** Whether a promise is settled once everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => (settled = true));
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

test('a file is granted when the host acknowledges it, and not before', async () => {
  const files = new GrantedFiles();
  const sent: OrderFrame[] = [];
  const granting = files.grant('/boot/vmlinuz', 'read', (order) => sent.push(order));
  expect(await isSettled(granting)).toBe(false);
  const [{ token } = { token: '' }] = files.orders;
  expect(sent).toEqual([{ kind: 'grant', token, path: '/boot/vmlinuz', use: 'read' }]);

  files.acknowledge('00000000-0000-4000-8000-000000000000');
  expect(await isSettled(granting)).toBe(false);
  files.acknowledge(token);
  expect(await granting).toEqual({ token, name: 'vmlinuz' });
});

test('a host that dies before it acknowledges ends every wait; the next is told of the files', async () => {
  const files = new GrantedFiles();
  const first = files.grant('/boot/first', 'read', () => undefined);
  const second = files.grant('/tmp/second.md', 'write', () => undefined);
  expect(await isSettled(Promise.race([first, second]))).toBe(false);

  files.hostEnded();
  const granted = await Promise.all([first, second]);
  expect(granted.map(({ name }) => name)).toEqual(['first', 'second.md']);
  expect(files.orders).toEqual([
    { kind: 'grant', token: granted[0].token, path: '/boot/first', use: 'read' },
    { kind: 'grant', token: granted[1].token, path: '/tmp/second.md', use: 'write' },
  ]);
});

test('where no host is, nobody is waited for', async () => {
  const files = new GrantedFiles();
  const { token, name } = await files.grant('/boot/vmlinuz', 'read', undefined);
  expect(name).toBe('vmlinuz');
  expect(files.orders).toMatchObject([{ token }]);
});

test('main knows the path of a file by its token and its use', async () => {
  const files = new GrantedFiles();
  const { token } = await files.grant('/opt/qemu', 'boot', undefined);
  expect(files.path(token, 'boot')).toBe('/opt/qemu');
  expect(files.path(token, 'read')).toBeUndefined();
  expect(files.path('00000000-0000-4000-8000-000000000000', 'boot')).toBeUndefined();
});
