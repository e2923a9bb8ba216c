import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildFolder } from '../../../engine/build/cache.js';
import { deleteImage } from '../../../engine/images/delete-image.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { buildRecord, newExperiment, newImage, newRun } from '../../support/workspace-records.js';

let home: string;
let workspace: Workspace;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'kbl-delete-'));
  workspace = await openWorkspace(home);
});
afterEach(async () => {
  await workspace.close();
  rmSync(home, { recursive: true });
});

async function put(text: string): Promise<{ sha256: string; size: number }> {
  const { sha256, size } = await workspace.store.put(Buffer.from(text));
  return { sha256, size };
}

const isThere = (sha256: string): boolean => existsSync(workspace.store.path(sha256));

/** A built image; its configuration may be another's too. */
async function built(name: string, config = `config of ${name}`) {
  const artifacts = {
    bzImage: await put(`bzImage of ${name}`),
    vmlinux: await put(`vmlinux of ${name}`),
    config: await put(config),
    systemMap: await put(`symbols of ${name}`),
  };
  const build = { ...buildRecord(name), artifacts };
  return workspace.database.images.save(
    newImage(name, { ...artifacts.bzImage, kind: 'built', build }),
  );
}

test('removes the record, the image and what its build put into the store', async () => {
  const image = await built('native');
  await deleteImage(workspace, image.sha256);
  expect(await workspace.database.images.list()).toEqual([]);
  for (const { sha256 } of Object.values(image.build!.artifacts))
    expect(isThere(sha256)).toBe(false);
});

test('keeps files that another image has as well', async () => {
  const image = await built('native', 'the same configuration');
  const other = await built('xen', 'the same configuration');
  await deleteImage(workspace, image.sha256);
  for (const { sha256 } of Object.values(other.build!.artifacts))
    expect(isThere(sha256)).toBe(true);
  expect(isThere(image.build!.artifacts.vmlinux.sha256)).toBe(false);
});

test('a multi-image outlives its parts: it holds them itself', async () => {
  const part = await built('native');
  const multi = await put('the multi-image');
  const parts = [{ label: 'native', sha256: part.sha256 }];
  await workspace.database.images.save(newImage('multi', { ...multi, kind: 'merged', parts }));
  await deleteImage(workspace, part.sha256);
  expect(isThere(multi.sha256)).toBe(true);
  expect((await workspace.database.images.find('multi')).parts).toEqual(parts);
});

test('runs stay, and name the image by its digest', async () => {
  const image = await built('native');
  const { database } = workspace;
  const { id } = await database.experiments.create(newExperiment('lab'));
  await database.runs.start(newRun(id, { imageSha256: image.sha256 }));
  await database.experiments.setState(id, 'done');
  await deleteImage(workspace, image.sha256);
  const runs = await database.runs.ofExperiment(id);
  expect(runs.map(({ imageSha256 }) => imageSha256)).toEqual([image.sha256]);
});

test('refuses while an experiment still has to boot it', async () => {
  const image = await built('native');
  const { database } = workspace;
  const experiment = newExperiment('lab');
  const cells = [{ image: image.sha256, label: 'native', environment: 'bare' as const }];
  const { id } = await database.experiments.create({
    ...experiment,
    plan: { ...experiment.plan, cells },
  });
  for (const state of ['running', 'interrupted'] as const) {
    await database.experiments.setState(id, state);
    await expect(deleteImage(workspace, image.sha256)).rejects.toMatchObject({
      code: 'image-needed',
    });
  }
  expect(isThere(image.sha256)).toBe(true);
  await database.experiments.setState(id, 'done');
  await deleteImage(workspace, image.sha256);
  expect(isThere(image.sha256)).toBe(false);
});

test('keeps the build folder: relinking a multi-image may take its decompressor', async () => {
  const image = await built('native');
  const folder = buildFolder(workspace, image.build!.key);
  mkdirSync(folder, { recursive: true });
  await deleteImage(workspace, image.sha256);
  expect(existsSync(folder)).toBe(true);
});

test('an image that is not there is deleted already', async () => {
  await deleteImage(workspace, 'ab'.repeat(32));
});
