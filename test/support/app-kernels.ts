import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

function kernelsOf(store: string): string[] {
  if (!existsSync(store)) return [];
  return readdirSync(store)
    .flatMap((folder) => readdirSync(join(store, folder)).map((name) => join(store, folder, name)))
    .filter((file) => readFileSync(file).subarray(0x202, 0x206).toString('latin1') === magic);
}
