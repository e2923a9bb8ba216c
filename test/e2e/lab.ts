import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { testHome } from '../support/test-home.js';

/**
 * Copies of the tests' workspace what booting needs: records and kernels, not
 * what they were built from. @returns the copy, open
 */
export async function copyLab(home: string): Promise<Workspace> {
  const from = testHome();
  if (!existsSync(join(from, 'lab.sqlite'))) {
    throw new Error(`no kernels in ${from}: the integration tests build them`);
  }
  mkdirSync(home, { recursive: true });
  for (const file of ['lab.sqlite', 'lab.sqlite-wal']) {
    if (existsSync(join(from, file))) cpSync(join(from, file), join(home, file));
  }
  const workspace = await openWorkspace(home);
  for (const { sha256 } of await workspace.database.images.list()) {
    const target = workspace.store.path(sha256);
    const source = join(from, relative(home, target));
    if (!existsSync(source)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
  return workspace;
}

/** Digest of a kernel that the integration tests built. */
export async function builtKernel({ database }: Workspace, flavour: string): Promise<string> {
  const images = await database.images.list();
  const image = images.find((one) => one.flavour === flavour && one.kind === 'built');
  if (!image)
    throw new Error(`no ${flavour} kernel among ${images.map(({ name }) => name).join()}`);
  return image.sha256;
}

/**
 * Makes a workspace without images, in which building the lab's flavours finds what the integration
 * tests built: their cache of builds and the files it names, and no records.
 */
export function copyBuilds(home: string): void {
  const from = testHome();
  if (!existsSync(join(from, 'builds', 'keys'))) {
    throw new Error(`no builds in ${from}: the integration tests make them`);
  }
  mkdirSync(home, { recursive: true });
  for (const folder of ['builds', 'store']) {
    cpSync(join(from, folder), join(home, folder), { recursive: true });
  }
}
