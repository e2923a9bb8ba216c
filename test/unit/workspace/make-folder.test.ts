import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../../engine/make-folder.js';
import { testFolder } from '../../support/test-folder.js';

it('makes every folder of a path, and is content with one that is there', async () => {
  const folder = join(await testFolder(), 'a', 'b', 'c');
  await Promise.all([makeFolder(folder), makeFolder(folder)]);
  await makeFolder(folder);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

it('ends where nothing can be made', async () => {
  await expect(makeFolder('/proc/no-such-folder/deeper')).rejects.toThrow(/ENOENT|EACCES/);
});

it('does not take a file for a folder', async () => {
  const folder = await testFolder();
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'sub', 'file'), '');
  await expect(makeFolder(join(folder, 'sub', 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolder(join(folder, 'sub', 'file', 'x'))).rejects.toMatchObject({
    code: 'ENOTDIR',
  });
});
