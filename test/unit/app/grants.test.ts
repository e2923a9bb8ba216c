import { expect, test } from 'vitest';
import { Grants } from '../../../electron/host/grants.js';

const token = '00000000-0000-4000-8000-000000000000';

test('a file chosen to be read is read, and never written', () => {
  const grants = new Grants();
  grants.add(token, '/boot/vmlinuz', 'read');
  expect(grants.toRead(token)).toBe('/boot/vmlinuz');
  expect(() => grants.toWrite(token)).toThrow(
    expect.objectContaining({ code: 'app-file-other-use' }),
  );
});

test('a file chosen to be written is written, and never read', () => {
  const grants = new Grants();
  grants.add(token, '/tmp/report.md', 'write');
  expect(grants.toWrite(token)).toBe('/tmp/report.md');
  expect(() => grants.toRead(token)).toThrow(
    expect.objectContaining({ code: 'app-file-other-use' }),
  );
});

test('what was not chosen is neither read nor written', () => {
  const grants = new Grants();
  const refused = expect.objectContaining({ code: 'app-file-not-granted' }) as Error;
  expect(() => grants.toRead(token)).toThrow(refused);
  expect(() => grants.toWrite(token)).toThrow(refused);
});

test('a file chosen to be booted with is that, and nothing else', () => {
  const grants = new Grants();
  grants.add(token, '/usr/bin/qemu-system-x86_64', 'boot');
  expect(grants.toBoot(token)).toBe('/usr/bin/qemu-system-x86_64');
  const refused = expect.objectContaining({ code: 'app-file-other-use' }) as Error;
  expect(() => grants.toWrite(token)).toThrow(refused);
  grants.add(token, '/home/a/notes', 'read');
  expect(() => grants.toBoot(token)).toThrow(refused);
});
