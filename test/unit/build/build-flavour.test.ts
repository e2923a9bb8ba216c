import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildFlavour } from '../../../engine/build/build-flavour.js';
import type { Flavour } from '../../../engine/build/types.js';
import type { ProgressEvent } from '../../../engine/progress.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { testFolder } from '../../support/test-folder.js';
import { fakeKernel, isRunning, writeFiles } from './fake-kernel.js';

async function workspaceIn(home: string): Promise<Workspace> {
  const workspace = await openWorkspace(home);
  onTestFinished(() => workspace.close());
  return workspace;
}

async function flavour(...fragments: string[]): Promise<Flavour> {
  const folder = await testFolder();
  const files = fragments.map((text, index) => [`${index}.config`, text] as const);
  await writeFiles(folder, Object.fromEntries(files));
  return {
    name: 'fake',
    summary: 'a flavour of the fake kernel',
    fragments: files.map(([name]) => join(folder, name)),
    steps: 2,
  };
}

async function buildsOf(tree: string): Promise<number> {
  const text = await readFile(join(tree, 'builds'), 'utf8').catch(() => '');
  return text.split('\n').length - 1;
}

/**
 * The fake tree writes into itself, which changes its digest by file times; a
 * commit and an ignored file make it a source that stays the same.
 */
async function committedKernel(): Promise<string> {
  const tree = await fakeKernel();
  await writeFiles(tree, { '.gitignore': 'builds\n' });
  const git = (...argv: string[]): unknown =>
    execFileSync('git', ['-C', tree, '-c', 'user.name=k', '-c', 'user.email=k@localhost', ...argv]);
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'a tree');
  return tree;
}

describe('buildFlavour', () => {
  it('links once more with a map, by the flags that kbuild had, and keeps the map', async () => {
    const workspace = await workspaceIn(await testFolder());
    const request = { flavour: await flavour('CONFIG_A=y\n'), source: await committedKernel() };
    const { record } = await buildFlavour(workspace, request);
    const { linkMap } = record.artifacts;
    expect(await readFile(workspace.store.path(linkMap!.sha256), 'utf8')).toBe(
      'linked with --emit-relocs -X -Map=vmlinux.map\n',
    );
  });

  it('keeps no map of a kernel that links to other bytes the second time', async () => {
    const workspace = await workspaceIn(await testFolder());
    const unsteady = await flavour('CONFIG_UNSTEADY=y\n');
    const request = { flavour: unsteady, source: await committedKernel() };
    const { record } = await buildFlavour(workspace, request);
    expect(record.artifacts.linkMap).toBeUndefined();
    // What is kept is the kernel of the first link.
    expect(await readFile(workspace.store.path(record.artifacts.vmlinux.sha256), 'utf8')).toBe(
      'CONFIG_TINY=y\nCONFIG_UNSTEADY=y\n',
    );
  });

  it('builds, stores, records, and keeps what relinking needs', async () => {
    process.env['SECRET'] = 'of-the-user';
    onTestFinished(() => {
      delete process.env['SECRET'];
    });
    const workspace = await workspaceIn(await testFolder());
    const source = await committedKernel();
    const events: ProgressEvent[] = [];
    const { image, record, cached, folder } = await buildFlavour(
      workspace,
      { flavour: await flavour('CONFIG_A=y\n'), source, jobs: 2 },
      { onProgress: (event) => events.push(event) },
    );

    expect(cached).toBe(false);
    expect(image).toMatchObject({ name: 'fake-6.1.7', kind: 'built', kernelVersion: '6.1.7' });
    expect(await readFile(workspace.store.path(record.artifacts.bzImage.sha256), 'utf8')).toBe(
      'CONFIG_TINY=y\nCONFIG_A=y\nWed Jan  1 00:00:00 UTC 2020 C \n',
    );
    expect(record).toMatchObject({
      flavour: 'fake',
      relinkable: true,
      steps: 3,
      source: { origin: source, version: '6.1.7', digestMethod: 'git' },
      configuration: { fragments: [{ name: '0.config' }] },
    });
    expect(record.toolchain['gcc']).toContain('gcc');
    expect((await readdir(folder)).sort()).toEqual(['build.log', 'record.json', 'tree']);
    expect(existsSync(join(folder, 'tree/kernel'))).toBe(false);
    expect(existsSync(join(folder, 'tree/vmlinux.a'))).toBe(true);
    expect(await readFile(join(folder, 'build.log'), 'utf8')).toContain('CC      kernel/fork.o');
    expect(await workspace.database.images.byBuildKey(record.key)).toMatchObject({
      image: { id: image.id },
    });

    const steps = events.filter((event) => event.kind === 'step' && event.total !== undefined);
    expect(steps).toMatchObject([
      { detail: 'CC kernel/fork.o', done: 1, total: 2 },
      { detail: 'AS arch/x86/entry/entry_64.o', done: 2, total: 2 },
      { detail: 'LD vmlinux', done: 3, total: 3 },
    ]);
    expect(events[0]).toMatchObject({ kind: 'start', job: 'build:fake' });
    expect(events.at(-1)).toMatchObject({ kind: 'end', result: 'done' });
  });

  it('finds an earlier build, also in another process and without its database', async () => {
    const home = await testFolder();
    const source = await committedKernel();
    const request = { flavour: await flavour('CONFIG_A=y\n'), source };
    const first = await buildFlavour(await workspaceIn(home), request);
    const again = await workspaceIn(home);
    await again.database.images.remove(first.image.sha256);
    const second = await buildFlavour(again, request);
    expect(second).toMatchObject({ cached: true, record: first.record });
    expect(second.image).toMatchObject({ name: 'fake-6.1.7', sha256: first.image.sha256 });
    expect(await buildsOf(source)).toBe(1);
  });

  it.each([
    ['gone', (file: string) => rm(file)],
    ['damaged', (file: string) => rm(file).then(() => writeFile(file, 'other bytes'))],
  ])('builds again when a stored file is %s', async (_state, harm) => {
    const workspace = await workspaceIn(await testFolder());
    const request = { flavour: await flavour('CONFIG_A=y\n'), source: await committedKernel() };
    const { sha256 } = (await buildFlavour(workspace, request)).record.artifacts.vmlinux;
    await harm(workspace.store.path(sha256));
    expect((await buildFlavour(workspace, request)).cached).toBe(false);
    await expect(workspace.store.verified(sha256)).resolves.toBe(workspace.store.path(sha256));
  });

  it('builds another configuration under another name, and warns of overrides', async () => {
    const workspace = await workspaceIn(await testFolder());
    const source = await committedKernel();
    await buildFlavour(workspace, { flavour: await flavour('CONFIG_A=y\n'), source });
    const other = await buildFlavour(workspace, {
      flavour: await flavour('CONFIG_A=y\n', '# CONFIG_A is not set\n'),
      source,
    });
    expect(other.cached).toBe(false);
    expect(other.image.name).toBe(`fake-6.1.7-${other.record.key.slice(0, 8)}`);
    expect(other.warnings).toEqual([
      '1.config overrides 0.config: CONFIG_A=y becomes # CONFIG_A is not set',
    ]);
  });

  it('builds once when two ask at the same time', async () => {
    const home = await testFolder();
    const source = await committedKernel();
    const request = { flavour: await flavour('CONFIG_A=y\n'), source };
    const [one, two] = await Promise.all([
      buildFlavour(await workspaceIn(home), request),
      buildFlavour(await workspaceIn(home), request),
    ]);
    expect([one.cached, two.cached].sort()).toEqual([false, true]);
    expect(one.image.id).toBe(two.image.id);
    expect(await buildsOf(source)).toBe(1);
  });

  it('refuses a configuration that lost an option, and says why', async () => {
    const workspace = await workspaceIn(await testFolder());
    const request = {
      flavour: await flavour('CONFIG_A=y\nCONFIG_DOOMED=y\n'),
      source: await fakeKernel(),
    };
    await expect(buildFlavour(workspace, request)).rejects.toMatchObject({
      code: 'build-options-lost',
      message: expect.stringContaining(
        'CONFIG_DOOMED=y (0.config) became "# CONFIG_DOOMED is not set": depends on TINY [=y] && MOON [=n]',
      ) as string,
    });
    expect(await workspace.database.images.list()).toEqual([]);
  });

  it("shows the compiler's words when make fails, and keeps its log", async () => {
    const workspace = await workspaceIn(await testFolder());
    const request = {
      flavour: await flavour('CONFIG_BROKEN=y\n'),
      source: await committedKernel(),
    };
    const error = await buildFlavour(workspace, request).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'build-make-failed',
      kind: 'build',
      message: 'building fake failed:\n  kernel/fork.c:12:3: error: expected ";"',
    });
    const { file } = (error as { place: { file: string } }).place;
    expect(await readFile(file, 'utf8')).toContain('kernel/fork.c:12:3: error');
  });

  it('can be cancelled, leaves no process, and can be started again', async () => {
    const workspace = await workspaceIn(await testFolder());
    const request = { flavour: await flavour('CONFIG_SLOW=y\n'), source: await committedKernel() };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const controller = new AbortController();
      const events: ProgressEvent[] = [];
      let pid = 0;
      const done = buildFlavour(workspace, request, {
        signal: controller.signal,
        onProgress: (event) => events.push(event),
      });
      while (pid === 0) {
        for (const key of await readdir(workspace.folders.builds)) {
          const file = join(workspace.folders.builds, key, 'out/slow.pid');
          pid ||= Number(await readFile(file, 'utf8').catch(() => '0'));
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      controller.abort();
      await expect(done).rejects.toMatchObject({ code: 'cancelled' });
      expect(isRunning(pid)).toBe(false);
      expect(events.at(-1)).toMatchObject({ kind: 'end', result: 'cancelled' });
    }
  });

  it('survives a build folder that a crash left half-made', async () => {
    const workspace = await workspaceIn(await testFolder());
    const request = { flavour: await flavour('CONFIG_A=y\n'), source: await committedKernel() };
    const { folder } = await buildFlavour(workspace, request);
    await rm(join(folder, 'record.json'));
    await writeFiles(folder, { 'out/kernel/fork.o': 'half' });
    expect((await buildFlavour(workspace, request)).cached).toBe(false);
    expect((await readdir(folder)).sort()).toEqual(['build.log', 'record.json', 'tree']);
  });
});
