import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../../engine/workspace/store.js';
import type { Store } from '../../../engine/workspace/types.js';
import { testFolder } from '../../support/test-folder.js';
import { sha256 } from '../../support/workspace-records.js';

async function openTest(): Promise<{ folder: string; partials: string; store: Store }> {
  const folder = await testFolder();
  const partials = join(folder, 'tmp');
  await mkdir(partials);
  return { folder, partials, store: openStore(join(folder, 'store'), partials) };
}

test('bytes are stored under their digest, read-only', async () => {
  const { folder, partials, store } = await openTest();
  const digest = sha256('kernel');
  const stored = await store.put(Buffer.from('kernel'));
  expect(stored).toEqual({
    sha256: digest,
    size: 6,
    path: join(folder, 'store', digest.slice(0, 2), digest),
    existed: false,
  });
  expect(await readFile(stored.path, 'utf8')).toBe('kernel');
  expect((await stat(stored.path)).mode & 0o777).toBe(0o444);
  expect(await store.verified(digest)).toBe(stored.path);
  expect(await store.has(digest)).toBe(true);
  expect(await readdir(partials)).toEqual([]);
});

test('a file is copied whole, whatever its size', async () => {
  const { folder, store } = await openTest();
  const file = join(folder, 'vmlinux');
  for (const size of [0, 1, 1024 * 1024, 3 * 1024 * 1024 + 1]) {
    const bytes = Buffer.alloc(size, 'pattern');
    await writeFile(file, bytes);
    const stored = await store.put({ file });
    expect(stored.size).toBe(size);
    expect(bytes.equals(await readFile(stored.path))).toBe(true);
    expect(await store.verified(stored.sha256)).toBe(stored.path);
  }
});

test('the same bytes are stored once, and the file that is there is left alone', async () => {
  const { partials, store } = await openTest();
  const first = await store.put(Buffer.from('kernel'));
  const before = await stat(first.path);
  expect(await store.put(Buffer.from('kernel'))).toEqual({ ...first, existed: true });
  const after = await stat(first.path);
  expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  expect(await readdir(partials)).toEqual([]);
});

test('the same bytes stored at once many times', async () => {
  const { store } = await openTest();
  const bytes = Buffer.alloc(100_000, 'k');
  const all = await Promise.all(Array.from({ length: 8 }, () => store.put(bytes)));
  expect(new Set(all.map(({ path }) => path)).size).toBe(1);
  await store.verified(all[0]?.sha256 ?? '');
});

test('a damaged file is found, and storing its bytes again heals it', async () => {
  const { store } = await openTest();
  const { sha256: digest, path } = await store.put(Buffer.from('kernel'));
  await chmod(path, 0o600);
  await truncate(path, 3);
  await expect(store.verified(digest)).rejects.toMatchObject({
    code: 'store-damaged',
    place: { file: path },
  });
  expect((await store.put(Buffer.from('kernel'))).existed).toBe(false);
  expect(await store.verified(digest)).toBe(path);
});

test('what is missing is a catalogue error; removing it twice is none', async () => {
  const { store } = await openTest();
  const { sha256: digest } = await store.put(Buffer.from('kernel'));
  await store.remove(digest);
  await store.remove(digest);
  expect(await store.has(digest)).toBe(false);
  await expect(store.verified(digest)).rejects.toMatchObject({ code: 'store-missing' });
});

test('a folder, a device, a pipe nobody writes and a missing file are refused at once', async () => {
  const { folder, partials, store } = await openTest();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const file of [folder, '/dev/zero', pipe]) {
    await expect(store.put({ file })).rejects.toMatchObject({
      code: 'not-a-regular-file',
      place: { file },
    });
  }
  const missing = join(folder, 'missing');
  await expect(store.put({ file: missing })).rejects.toMatchObject({
    code: 'file-missing',
    place: { file: missing },
  });
  expect(await readdir(partials)).toEqual([]);
});

test('a cancelled put leaves nothing', async () => {
  const { folder, partials, store } = await openTest();
  const file = join(folder, 'vmlinux');
  await writeFile(file, Buffer.alloc(10));
  const put = store.put({ file }, { signal: AbortSignal.abort() });
  await expect(put).rejects.toMatchObject({ code: 'cancelled' });
  expect(await readdir(partials)).toEqual([]);
  await expect(readdir(join(folder, 'store'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test.each(['', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(64)}/..`])(
  'the digest %j is none',
  async (digest) => {
    const { store } = await openTest();
    expect(() => store.path(digest)).toThrow(TypeError);
  },
);
