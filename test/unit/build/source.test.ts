import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requirePlainPath } from '../../../engine/build/environment.js';
import { findSourcePackage } from '../../../engine/build/source-package.js';
import { findSource, kernelVersion } from '../../../engine/build/source.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { testFolder } from '../../support/test-folder.js';
import { fakeKernel, writeFiles } from './fake-kernel.js';

type SourceWorkspace = Parameters<typeof findSource>[0];

async function workspace(): Promise<SourceWorkspace> {
  const home = await testFolder();
  const folders = { sources: join(home, 'sources') } as Workspace['folders'];
  return { folders, withLock: (_name, _options, work) => work() };
}

function git(tree: string, ...argv: string[]): void {
  const identity = ['-c', 'user.name=kbl', '-c', 'user.email=kbl@localhost'];
  execFileSync('git', ['-C', tree, ...identity, ...argv], { stdio: 'pipe' });
}

describe('a folder as source', () => {
  it('has the version of its Makefile', async () => {
    expect(await kernelVersion(await fakeKernel())).toBe('6.1.7');
    const tree = await testFolder();
    await writeFiles(tree, {
      Makefile: 'VERSION = 5\nPATCHLEVEL = 4\nSUBLEVEL =\nEXTRAVERSION = -rc1\n',
    });
    expect(await kernelVersion(tree)).toBe('5.4-rc1');
  });

  it('is refused when it is no kernel tree', async () => {
    await expect(findSource(await workspace(), await testFolder())).rejects.toMatchObject({
      code: 'build-not-a-kernel-tree',
    });
    await expect(findSource(await workspace(), '/nowhere')).rejects.toMatchObject({
      code: 'file-missing',
    });
  });

  it.each(['.config', 'include/config/auto.conf', 'arch/x86/include/generated/x.h'])(
    'is refused when it was built in place and has %s',
    async (trace) => {
      const tree = await fakeKernel();
      await writeFiles(tree, { [trace]: '' });
      await expect(findSource(await workspace(), tree)).rejects.toMatchObject({
        code: 'build-tree-not-clean',
        hint: expect.stringContaining('mrproper') as string,
      });
    },
  );

  it('is told by file times outside git, and the digest follows a change', async () => {
    const tree = await fakeKernel();
    const at = await workspace();
    const first = await findSource(at, tree);
    expect(first.digestMethod).toBe('file-times');
    expect((await findSource(at, tree)).digest).toBe(first.digest);
    await writeFile(join(tree, 'arch/x86/Makefile'), '# changed\n');
    expect((await findSource(at, tree)).digest).not.toBe(first.digest);
  });

  it('is told by HEAD and changed contents in git', async () => {
    const tree = await fakeKernel();
    const at = await workspace();
    git(tree, 'init', '-q');
    git(tree, 'add', '.');
    git(tree, 'commit', '-qm', 'a tree');
    const clean = await findSource(at, tree);
    expect(clean.digestMethod).toBe('git');
    expect(clean.revision).toMatch(/^[0-9a-f]{7,}$/);

    await writeFile(join(tree, 'Kconfig'), '# one\n');
    const one = await findSource(at, tree);
    expect(one.revision).toMatch(/-dirty$/);
    await writeFile(join(tree, 'Kconfig'), '# two\n');
    const two = await findSource(at, tree);
    await writeFile(join(tree, 'new.c'), '');
    const added = await findSource(at, tree);
    expect(new Set([clean, one, two, added].map(({ digest }) => digest)).size).toBe(4);
  });
});

describe('a package as source', () => {
  async function packages(): Promise<string> {
    const folder = await testFolder();
    const tree = await fakeKernel();
    for (const version of ['6.1', '6.12', '5.10'])
      execFileSync('tar', [
        '-C',
        join(tree, '..'),
        '-cJf',
        join(folder, `linux-source-${version}.tar.xz`),
        basename(tree),
      ]);
    await mkdir(join(folder, 'linux-headers-6.1'));
    return folder;
  }

  it('is the newest one, or the asked version', async () => {
    const folder = await packages();
    const at = await workspace();
    expect((await findSourcePackage(at, undefined, {}, folder)).origin).toBe('linux-source-6.12');
    expect((await findSourcePackage(at, '5.10', {}, folder)).origin).toBe('linux-source-5.10');
    await expect(findSourcePackage(at, '4.19', {}, folder)).rejects.toMatchObject({
      code: 'build-source-missing',
      message: expect.stringContaining('6.12, 6.1, 5.10') as string,
    });
  });

  it('is unpacked once', async () => {
    const at = await workspace();
    const source = await findSourcePackage(at, '6.1', {}, await packages());
    const tree = await source.tree();
    expect(await readFile(join(tree, 'Kconfig'), 'utf8')).toContain('DOOMED');
    await writeFile(join(tree, 'witness'), '');
    expect(await source.tree()).toBe(tree);
    expect(await readdir(tree)).toContain('witness');
  });

  it('is refused when it is damaged, and leaves nothing', async () => {
    const folder = await testFolder();
    await writeFiles(folder, { 'linux-source-6.1.tar.xz': 'not a tarball' });
    const at = await workspace();
    const source = await findSourcePackage(at, '6.1', {}, folder);
    await expect(source.tree()).rejects.toMatchObject({ code: 'build-unpack-failed' });
    expect((await readdir(at.folders.sources)).filter((name) => !name.endsWith('.digest'))).toEqual(
      [],
    );
  });
});

it.each(['with blank', 'a:b', 'a,b', '$x', '#1'])(
  'a path that makefiles would take apart is refused: %s',
  async (name) => {
    const parent = await testFolder();
    const tree = join(parent, name);
    await rename(await fakeKernel(), tree);
    const refused = { code: 'build-path-unusable', place: { file: await realpath(tree) } };
    await expect(findSource(await workspace(), tree)).rejects.toMatchObject(refused);
    // Behind a link too: make sees the real path.
    await symlink(tree, join(parent, 'link'));
    await expect(requirePlainPath(join(parent, 'link'), 'it')).rejects.toMatchObject(refused);
  },
);
