import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startOf } from '../../../db/owner.js';
import type { LockHolder } from '../../../db/records.js';
import { workspaceHome } from '../../../engine/workspace/folders.js';
import { logLimit } from '../../../engine/workspace/log.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { testFolder } from '../../support/test-folder.js';
import { newImage } from '../../support/workspace-records.js';

async function openTest(home?: string): Promise<Workspace> {
  const workspace = await openWorkspace(home ?? join(await testFolder(), 'home'));
  onTestFinished(() => workspace.close());
  return workspace;
}

test('where the workspace is', () => {
  const home = '/home/u';
  expect(workspaceHome('/given', { KBL_HOME: '/kbl' })).toBe('/given');
  expect(workspaceHome(undefined, { KBL_HOME: '/kbl', HOME: home })).toBe('/kbl');
  expect(workspaceHome('relative', {})).toBe(join(process.cwd(), 'relative'));
  const usual = '/home/u/.local/share/kernel-boot-lab';
  expect(workspaceHome(undefined, { KBL_HOME: '', HOME: home })).toBe(usual);
  expect(workspaceHome(undefined, { HOME: home, XDG_DATA_HOME: 'relative' })).toBe(usual);
  expect(workspaceHome(undefined, { HOME: home, XDG_DATA_HOME: '/data' })).toBe(
    '/data/kernel-boot-lab',
  );
});

test('a new workspace has its folders, and keeps what was put in it', async () => {
  const { folders, database, store, close } = await openTest();
  for (const folder of Object.values(folders)) {
    expect((await stat(folder)).isDirectory()).toBe(true);
  }
  const { sha256 } = await store.put(Buffer.from('kernel'));
  const image = await database.images.save(newImage('kernel', { sha256 }));
  await close();
  const again = await openTest(folders.home);
  expect(await again.database.images.list()).toEqual([image]);
  expect(await again.store.has(sha256)).toBe(true);
});

test('temporary folders are private, and gone when the workspace closes', async () => {
  const home = join(await testFolder(), 'home');
  const [one, two] = [await openWorkspace(home), await openTest(home)];
  const folder = await one.temporaryFolder('run');
  const other = await one.temporaryFolder('run');
  expect(other).not.toBe(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(folder).toContain(`/tmp/${process.pid}-${startOf(process.pid)}-`);
  const kept = await two.temporaryFolder('run');
  await writeFile(join(folder, 'console'), 'x');
  await one.close();
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
  expect((await stat(kept)).isDirectory()).toBe(true);
});

test('opening sweeps what dead processes left in tmp, and nothing else', async () => {
  const home = await testFolder();
  const tmp = join(home, 'tmp');
  const precious = join(home, 'precious');
  await mkdir(precious);
  await writeFile(join(precious, 'file'), 'x');
  // The pid of this process, but started at another time: a dead one's.
  const dead = `${process.pid}-1-abcdef`;
  await mkdir(join(tmp, dead, 'deep'), { recursive: true });
  await symlink(precious, join(tmp, dead, 'link'));
  const alive = `${process.pid}-${startOf(process.pid)}-abcdef`;
  await mkdir(join(tmp, alive));
  await writeFile(join(tmp, 'note'), 'x');
  await (await openWorkspace(home)).close();
  expect((await readdir(tmp)).sort()).toEqual([alive, 'note'].sort());
  expect(await readdir(precious)).toEqual(['file']);
});

test('a long log is set aside when the workspace is opened', async () => {
  const home = await testFolder();
  await mkdir(join(home, 'log'));
  await writeFile(join(home, 'log', 'kbl.log'), Buffer.alloc(logLimit + 1, 'x'));
  const { log, folders } = await openTest(home);
  log.info('hello');
  expect(await readFile(join(folders.log, 'kbl.log'), 'utf8')).toMatch(/ info hello\n$/);
  expect((await stat(join(folders.log, 'kbl.log.1'))).size).toBe(logLimit + 1);
});

test('a file where the workspace or a part of its path should be is a catalogue error', async () => {
  const file = join(await testFolder(), 'file');
  await writeFile(file, 'mine');
  for (const home of [file, join(file, 'below')]) {
    await expect(openWorkspace(home)).rejects.toMatchObject({ code: 'workspace-not-folder' });
  }
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test('a lock is held by one caller at a time, also within a process and across connections', async () => {
  const one = await openTest();
  const two = await openTest(one.folders.home);
  const waits: LockHolder[] = [];
  const options = { what: 'building native', onWait: (holder: LockHolder) => waits.push(holder) };
  let inside = 0;
  const work = async (): Promise<number> => {
    inside++;
    // Nobody leaves before the three others are waiting.
    await expect.poll(() => waits.length).toBe(3);
    return inside--;
  };
  const results = await Promise.all(
    [one, two, one, two].map((workspace) => workspace.withLock('build:x', options, work)),
  );
  expect(results).toEqual([1, 1, 1, 1]);
  // Each was told once.
  expect(waits).toHaveLength(3);
  expect(waits[0]).toMatchObject({ name: 'build:x', what: 'building native', pid: process.pid });
  expect(await one.database.locks.holder('build:x')).toBeUndefined();
});

test('a lock is given back when the work fails, and other names are other locks', async () => {
  const { withLock, database } = await openTest();
  const failing = withLock('a', { what: 'a' }, () =>
    withLock('b', { what: 'b' }, () => Promise.reject(new Error('on purpose'))),
  );
  await expect(failing).rejects.toThrow('on purpose');
  expect(await database.locks.holder('a')).toBeUndefined();
  expect(await database.locks.holder('b')).toBeUndefined();
});

test('a wait for a lock can be cancelled, and the lock is then not taken', async () => {
  const { withLock, database } = await openTest();
  const abort = new AbortController();
  let ran = false;
  await withLock('a', { what: 'first' }, async () => {
    const second = withLock(
      'a',
      { what: 'second', signal: abort.signal, onWait: () => abort.abort() },
      () => Promise.resolve((ran = true)),
    );
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    expect(await database.locks.holder('a')).toMatchObject({ what: 'first' });
  });
  expect(ran).toBe(false);
  const aborted = withLock('a', { what: 'x', signal: AbortSignal.abort() }, () => {
    throw new Error('must not run');
  });
  await expect(aborted).rejects.toMatchObject({ code: 'cancelled' });
  expect(await database.locks.holder('a')).toBeUndefined();
});
