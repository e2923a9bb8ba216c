import { bootFacts } from '../../../engine/images/boot-facts.js';
import { describeFile, importImage, inspectFile } from '../../../engine/images/import-image.js';
import { readKernelFile } from '../../../engine/images/kernel-file.js';
import { mergeDocumentOf } from '../../../engine/images/merge-document.js';
import { mergeImages, type MergeRequest } from '../../../engine/images/merge-images.js';
import type { JobOptions } from '../../../engine/progress.js';
import type { Sha256 } from '../../../engine/units.js';
import { compareTasks } from './compare-tasks.js';
import { patchTasks } from './patch-tasks.js';
import { sizeTasks } from './size-tasks.js';
import { withWorkspace } from './with-workspace.js';

/** An image's bytes never change, and so neither does where it boots. */
const boots = new Map<Sha256, string[]>();

/** What threads of the engine host can do, by name. Parameters and results are plain data. */
export const tasks = {
  ...compareTasks,
  ...patchTasks,
  ...sizeTasks,

  inspect: async ({ file }: { file: string }, options: JobOptions) =>
    inspectFile(file, await readKernelFile(file), options),

  bootFacts: ({ file }: { file: string }, options: JobOptions) => bootFacts(file, options),

  boots: async ({ file, sha256 }: { file: string; sha256: Sha256 }, options: JobOptions) => {
    const known = boots.get(sha256);
    if (known) return { environments: known };
    const { bootsAs } = await describeFile(file, await readKernelFile(file), options);
    const environments = bootsAs.flatMap((one) => (one.boots ? [one.environment] : []));
    boots.set(sha256, environments);
    return { environments };
  },

  import: (
    { home, file, name }: { home: string; file: string; name: string | undefined },
    options: JobOptions,
  ) => withWorkspace(home, (workspace) => importImage(workspace, file, name, options)),

  merge: (
    { home, images: digests, request }: { home: string; images: Sha256[]; request: MergeRequest },
    options: JobOptions,
  ) =>
    withWorkspace(home, async (workspace) => {
      const { images } = workspace.database;
      const found = await Promise.all(digests.map((sha256) => images.find(sha256)));
      const record = await mergeImages(workspace, found, request, options);
      return mergeDocumentOf(record, found, null);
    }),
};
