import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImageRecord } from '../../db/records.js';
import { importImage } from '../../engine/images/import-image.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { testHome } from './test-home.js';

/** Magic number of the x86 boot protocol, at 0x202. */
const magic = 'HdrS';

/**
 * Makes a workspace for a test of the app, with two of the kernels that the
 * integration tests built: one that boots bare only, as `native`, and a multi-image, as
 * `multi`. They are found by what they are, whatever version of the lab stored them.
 */
export async function homeWithKernels(home: string): Promise<void> {
  const workspace = await openWorkspace(home);
  try {
    const missing = new Set(['native', 'multi']);
    for (const file of kernelsOf(join(testHome(), 'store'))) {
      const { image, description } = await importImage(workspace, file, undefined);
      const underXen = description.bootsAs.find((one) => one.environment === 'xen-pv-dom0')?.boots;
      const name = description.multiImage ? 'multi' : underXen ? undefined : 'native';
      if (name && missing.delete(name)) await workspace.database.images.rename(image.sha256, name);
      if (missing.size === 0) return;
    }
    throw new Error(
      `no ${[...missing].join(', ')} in ${testHome()}: run the integration tests first`,
    );
  } finally {
    await workspace.close();
  }
}

/**
 * Makes a workspace for a test of the app with one kernel that the integration tests built, as
 * the lab keeps it: with its vmlinux.
 */
export async function homeWithBuiltKernel(home: string, flavour: string): Promise<ImageRecord> {
  const [from, to] = [await openWorkspace(testHome()), await openWorkspace(home)];
  try {
    const built = (await from.database.images.list()).findLast(
      (image) => image.kind === 'built' && image.flavour === flavour,
    );
    if (!built?.build) throw new Error(`no ${flavour} in ${testHome()}: run the integration tests`);
    for (const { sha256 } of Object.values(built.build.artifacts)) {
      await to.store.put(readFileSync(from.store.path(sha256)));
    }
    return await to.database.images.save(built);
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}

function kernelsOf(store: string): string[] {
  if (!existsSync(store)) return [];
  return readdirSync(store)
    .flatMap((folder) => readdirSync(join(store, folder)).map((name) => join(store, folder, name)))
    .filter((file) => readFileSync(file).subarray(0x202, 0x206).toString('latin1') === magic);
}
