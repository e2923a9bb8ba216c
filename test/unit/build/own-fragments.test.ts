import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listOwnFragments,
  ownFragmentFile,
  removeOwnFragment,
  saveOwnFragment,
} from '../../../engine/build/own-fragments.js';
import type { WorkspaceFolders } from '../../../engine/workspace/types.js';
import { labError } from '../../support/lab-error.js';

let home: { folders: WorkspaceFolders };
beforeEach(() => {
  home = { folders: { home: mkdtempSync(join(tmpdir(), 'kbl-fragments-')) } as WorkspaceFolders };
});
afterEach(() => rmSync(home.folders.home, { recursive: true, force: true }));

describe('fragments of the workspace', () => {
  it('are none at first, and files of it then', async () => {
    expect(await listOwnFragments(home)).toEqual([]);
    await saveOwnFragment(home, 'mine', 'CONFIG_SMP=y\n# CONFIG_NET is not set\n');
    const text = readFileSync(join(home.folders.home, 'fragments', 'mine.config'), 'utf8');
    expect(text).toBe('CONFIG_SMP=y\n# CONFIG_NET is not set\n');
    expect(await listOwnFragments(home)).toEqual([
      { name: 'mine', text, options: 2, problem: null },
    ]);
  });

  it('are kept also half written, with the line that is no option', async () => {
    const saved = await saveOwnFragment(home, 'mine', 'CONFIG_SMP=y\n\nCONFIG_HZ = 100\n');
    expect(saved.problem).toMatchObject({ code: 'build-fragment-syntax' });
    expect(saved.problem?.message).toMatch(/^line 3 /);
    expect((await listOwnFragments(home))[0]?.text).toContain('CONFIG_HZ = 100');
  });

  it('are listed by name, without what else lies there, until they are removed', async () => {
    for (const name of ['b', 'a-2', 'a']) await saveOwnFragment(home, name, '');
    writeFileSync(join(home.folders.home, 'fragments', 'notes.txt'), 'not a fragment');
    expect((await listOwnFragments(home)).map(({ name }) => name)).toEqual(['a', 'a-2', 'b']);
    await removeOwnFragment(home, 'b');
    await removeOwnFragment(home, 'b');
    expect((await listOwnFragments(home)).map(({ name }) => name)).toEqual(['a', 'a-2']);
  });

  it.each(['', '../lab', 'a/b', '.hidden', 'a b', 'x'.repeat(65), 'a\0b'])(
    'are not called %j',
    async (name) => {
      expect(() => ownFragmentFile(home, name)).toThrow(labError('build-fragment-name'));
      await expect(saveOwnFragment(home, name, '')).rejects.toThrow(
        labError('build-fragment-name'),
      );
      expect(await listOwnFragments(home)).toEqual([]);
    },
  );

  it('leave out a file whose name the app would not give', async () => {
    await saveOwnFragment(home, 'mine', '');
    writeFileSync(join(home.folders.home, 'fragments', 'my own.config'), 'CONFIG_SMP=y\n');
    expect((await listOwnFragments(home)).map(({ name }) => name)).toEqual(['mine']);
  });
});
