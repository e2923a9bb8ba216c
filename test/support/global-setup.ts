import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { BuildRecord } from '../../engine/build/types.js';
import { builtImages } from '../../engine/experiment/standard.js';
import type { ProgressEvent } from '../../engine/progress.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import type { TestKernels } from './kernels.js';
import { testHome } from './test-home.js';

/**
 * Before the integration tests: builds the lab's flavours with the lab itself,
 * in a workspace of the tests' own that is kept, so that later runs find them.
 */
export default async function setup(project: TestProject): Promise<void> {
  const home = testHome();
  const workspace = await openWorkspace(home);
  try {
    // What another day's code observed says nothing of today's.
    await rm(join(home, 'observations'), { recursive: true, force: true });
    await forgetOldBuilds(workspace);
    const { flavours, multi } = await builtImages(
      workspace,
      { flavours: ['native', 'xen'] },
      { onProgress: say },
    );
    const file = (sha256: string | undefined): string => {
      if (sha256 === undefined) throw new Error('a built kernel lacks one of its files');
      return workspace.store.path(sha256);
    };
    const kernel = (flavour: string): TestKernels['native'] => {
      const image = flavours.get(flavour);
      const artifacts = image?.build?.artifacts;
      return {
        bzImage: file(image?.sha256),
        vmlinux: file(artifacts?.vmlinux.sha256),
        systemMap: file(artifacts?.systemMap.sha256),
        config: file(artifacts?.config.sha256),
        linkMap: file(artifacts?.linkMap?.sha256),
        tree: join(workspace.folders.builds, image?.build?.key ?? '', 'tree'),
      };
    };
    project.provide('kernels', {
      home,
      native: kernel('native'),
      xen: kernel('xen'),
      multi: file(multi?.sha256),
    });
  } finally {
    await workspace.close();
  }
}

/** Builds of a lab that kept no link maps are made again: what sizes are made of is tested with them. */
async function forgetOldBuilds({ folders }: Workspace): Promise<void> {
  for (const key of await readdir(folders.builds).catch(() => [])) {
    const record = await readFile(join(folders.builds, key, 'record.json'), 'utf8').catch(
      () => null,
    );
    if (record === null) continue;
    const { artifacts } = JSON.parse(record) as BuildRecord;
    if (!artifacts.linkMap) await rm(join(folders.builds, key), { recursive: true });
  }
}

let lastStep = 0;

function say(event: ProgressEvent): void {
  if (event.kind === 'start') console.log(event.title);
  if (event.kind === 'end') console.log(`${event.job} ${event.result}`);
  if (event.kind === 'step' && Date.now() - lastStep > 15_000) {
    lastStep = Date.now();
    console.log(`${event.job} ${String(event.done ?? '')}/${String(event.total ?? '')}`);
  }
}
