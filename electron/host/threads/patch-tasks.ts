import { defaultMachine } from '../../../engine/boot/index.js';
import type {
  FamilyName,
  FunctionView,
  Observed,
  Patched,
  PatchTarget,
  Sites,
} from '../../../engine/contract/app/patch.js';
import { LabError } from '../../../engine/errors/lab-error.js';
import { workspaceEmulator } from '../../../engine/experiment/emulator.js';
import { patchDocumentOf } from '../../../engine/images/patch-document.js';
import { patchImage, patchKernelOf } from '../../../engine/images/patch-image.js';
import type { PatchKernel } from '../../../engine/patch/kernel.js';
import { functionViews } from '../../../engine/patch/listing/function-view.js';
import { functionReport } from '../../../engine/patch/listing/report.js';
import { listSites, type SiteList } from '../../../engine/patch/listing/site-list.js';
import {
  attribute,
  findObservation,
  observe,
  readableTables,
} from '../../../engine/patch/observe/index.js';
import { changesReport, observationReport } from '../../../engine/patch/observe/report.js';
import type { JobOptions } from '../../../engine/progress.js';
import type { Sha256 } from '../../../engine/units.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { sitesReply } from './site-columns.js';
import { withWorkspace } from './with-workspace.js';

/** An image of the workspace in that folder, and where it is to run. */
interface Asked {
  home: string;
  image: Sha256;
  target: PatchTarget;
}

interface Kept {
  kernel: PatchKernel;
  image: Sha256;
  target: PatchTarget;
  list: SiteList;
}

/** The last list stays: one function after the other is asked of it. */
let kept: Kept | undefined;

export const patchTasks = {
  sites: async (asked: Asked, options: JobOptions): Promise<Sites> => {
    // A target that was not observed when it was last asked for may have been since.
    const list =
      kept && isFor(kept, asked) && kept.list.target ? kept.list : await read(asked, options);
    return sitesReply(list);
  },

  siteFunction: async (
    { name, ...asked }: Asked & { name: string },
    options: JobOptions,
  ): Promise<{ observed: boolean; functions: FunctionView[] }> => {
    const list = kept && isFor(kept, asked) ? kept.list : await read(asked, options);
    const functions = functionViews(list, name).map(functionReport);
    return { observed: list.target !== null, functions };
  },

  observe: ({ home, image: sha256, target }: Asked, options: JobOptions): Promise<Observed> =>
    withWorkspace(home, async (workspace) => {
      const image = await workspace.database.images.find(sha256);
      const kernel = await patchKernelOf(workspace, image, options);
      const { services, request } = boot(workspace, kernel, { home, image: sha256, target });
      const observation = await observe(services, request, options);
      const { tables, unread } = readableTables(kernel);
      const changes = attribute(kernel, observation.memory, tables);
      const { program, argv, kernelCommandLine, xenCommandLine = null } = observation.command;
      return {
        ...{ schema: 'kbl-observe', version: 1, ...target },
        image: { file: request.file, sha256, name: image.name },
        command: { program, argv, kernelCommandLine, xenCommandLine },
        observation: observationReport(observation),
        changes: changesReport(kernel, changes, unread),
      };
    }),

  patch: (
    {
      home,
      image: sha256,
      target,
      ...choice
    }: Asked & { families: FamilyName[] | undefined; name: string | undefined },
    options: JobOptions,
  ): Promise<Patched> =>
    withWorkspace(home, async (workspace) => {
      const image = await workspace.database.images.find(sha256);
      const emulator = workspaceEmulator(workspace);
      const patched = await patchImage(
        workspace,
        emulator,
        image,
        { ...target, ...choice },
        options,
      );
      return patchDocumentOf(patched, null);
    }),
};

function isFor({ image, target }: Kept, asked: Asked): boolean {
  const { environment, cpu } = asked.target;
  return image === asked.image && target.environment === environment && target.cpu === cpu;
}

/** Reads a kernel's sites, with what becomes of them where the same was booted before. */
function read(asked: Asked, options: JobOptions): Promise<SiteList> {
  return withWorkspace(asked.home, async (workspace) => {
    const { image: sha256, target } = asked;
    const known = kept?.image === sha256 ? kept.kernel : undefined;
    const image = await workspace.database.images.find(sha256);
    const kernel = known ?? (await patchKernelOf(workspace, image, options));
    const { services, request } = boot(workspace, kernel, asked);
    const notes: string[] = [];
    const observation = await findObservation(services, request, options).catch(
      (error: unknown) => {
        // Sites can be listed where nothing can be booted.
        if (!(error instanceof LabError) || options.signal?.aborted) throw error;
        notes.push(`what becomes of sites is not told: ${error.message}`);
        return undefined;
      },
    );
    const list = listSites({ kernel, target: observation }, options);
    list.notes.push(...notes);
    kept = { kernel, image: sha256, target, list };
    return list;
  });
}

/** What observing is asked for: the same for every task, or another boot would be looked for. */
function boot(workspace: Workspace, kernel: PatchKernel, { image, target }: Asked) {
  const { environment, cpu } = target;
  return {
    services: { workspace, emulator: workspaceEmulator(workspace) },
    request: {
      ...{ kernel, file: workspace.store.path(image), environment },
      machine: { ...defaultMachine, cpu },
    },
  };
}
