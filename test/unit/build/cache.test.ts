import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readShortcut, writeShortcut } from '../../../engine/build/cache.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { testFolder } from '../../support/test-folder.js';

it('a shortcut that several builds write at one moment is whole, and nothing is left over', async () => {
  const workspace = await openWorkspace(await testFolder());
  const [shortcut, key] = ['a'.repeat(64), 'b'.repeat(64)];
  await Promise.all(Array.from({ length: 50 }, () => writeShortcut(workspace, shortcut, key)));
  expect(await readShortcut(workspace, shortcut)).toBe(key);
  expect(await readdir(join(workspace.folders.builds, 'keys'))).toEqual([shortcut]);
  await workspace.close();
});
