import { defaultMachine } from '../../../engine/boot/index.js';
import type {
  ConstantsOf,
  Discovery,
  FunctionView,
  LoadRow,
  Observed,
  Patched,
  PatchTarget,
  SitesFormat,
  Sites,
} from '../../../engine/contract/app/patch.js';
import { LabError } from '../../../engine/errors/lab-error.js';
import { workspaceEmulator } from '../../../engine/experiment/emulator.js';
import { constantsOfImage } from '../../../engine/images/constants-document.js';
import { observeDocumentOf } from '../../../engine/images/observe-document.js';
import { patchDocumentOf } from '../../../engine/images/patch-document.js';
import { patchImage, type PatchImageRequest } from '../../../engine/images/patch-image.js';
import {
  discoveryOf,
  openImageKernel,
  type OpenedKernel,
} from '../../../engine/images/patch-kernel.js';
import { allSites } from '../../../engine/images/sites-document.js';
import { workloads } from '../../../engine/measure/workloads.js';
import { loadRows, readConstants } from '../../../engine/patch/constants/load-rows.js';
import type { ReadVariables } from '../../../engine/patch/constants/read.js';
import type { PatchKernel } from '../../../engine/patch/kernel.js';
import { functionViews } from '../../../engine/patch/listing/function-view.js';
import { functionReport, sitesCsv } from '../../../engine/patch/listing/report.js';
import { listSites, type SiteList } from '../../../engine/patch/listing/site-list.js';
import { findObservation, observe } from '../../../engine/patch/observe/index.js';
import type { JobOptions } from '../../../engine/progress.js';
import { replaceFile } from '../../../engine/replace-file.js';
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

/** What a patch is asked for besides the target. */
type Choice = Pick<
  PatchImageRequest,
  'families' | 'constants' | 'force' | 'keepTables' | 'name'
> & { except: readonly string[] };

interface Kept {
  opened: OpenedKernel;
  image: Sha256;
  target: PatchTarget;
  list: SiteList;
  /** Where its variables are read, once that was asked for. */
  read?: ReadVariables;
}

/** The last list stays: one function after the other is asked of it. */
let kept: Kept | undefined;

export const patchTasks = {
  sites: async (asked: Asked, options: JobOptions): Promise<Sites> =>
    sitesReply((await observedSince(asked, options)).list),

  siteFunction: async (
    { name, ...asked }: Asked & { name: string },
    options: JobOptions,
  ): Promise<{ observed: boolean; functions: FunctionView[] }> => {
    const { list } = await listed(asked, options);
    const functions = functionViews(list, name).map(functionReport);
    return { observed: list.target !== null, functions };
  },

  discover: async (asked: Asked, options: JobOptions): Promise<Discovery> =>
    discoveryOf((await listed(asked, options)).opened),

  loads: async (
    { symbol, ...asked }: Asked & { symbol: string },
    options: JobOptions,
  ): Promise<{ observed: boolean; loads: LoadRow[] }> => {
    const one = await observedSince(asked, options);
    const { kernel, target } = one.list;
    if (!target) return { observed: false, loads: [] };
    one.read ??= readConstants(kernel);
    return { observed: true, loads: loadRows(kernel, target.memory, one.read, symbol) };
  },

  exportSites: async (
    { format, file, ...asked }: Asked & { format: SitesFormat; file: string },
    options: JobOptions,
  ): Promise<void> => {
    const { list } = await listed(asked, options);
    // The document of the command names the file; a window has no paths.
    const image = { file: list.kernel.label, name: list.kernel.label };
    await replaceFile(
      file,
      format === 'csv' ? sitesCsv(list) : `${JSON.stringify(allSites(list, image), null, 2)}\n`,
    );
  },

  constants: ({ home, image: sha256, target }: Asked, options: JobOptions): Promise<ConstantsOf> =>
    withWorkspace(home, async (workspace) => {
      const image = await workspace.database.images.find(sha256);
      const asked = { ...target, workloads: workloads.map(({ name }) => name) };
      return constantsOfImage(workspace, image, asked, options);
    }),

  observe: ({ home, image: sha256, target }: Asked, options: JobOptions): Promise<Observed> =>
    withWorkspace(home, async (workspace) => {
      const image = await workspace.database.images.find(sha256);
      const { kernel } = await openImageKernel(workspace, image, options);
      const { services, request } = boot(workspace, kernel, { home, image: sha256, target });
      const observation = await observe(services, request, options);
      return observeDocumentOf(request, image.name, observation.command, observation);
    }),

  patch: (
    { home, image: sha256, target, except, ...choice }: Asked & Choice,
    options: JobOptions,
  ): Promise<Patched> =>
    withWorkspace(home, async (workspace) => {
      const image = await workspace.database.images.find(sha256);
      const emulator = workspaceEmulator(workspace);
      const request = { ...target, ...choice, except: new Set(except) };
      return patchDocumentOf(await patchImage(workspace, emulator, image, request, options), null);
    }),
};

function isFor({ image, target }: Kept, asked: Asked): boolean {
  const { environment, cpu } = asked.target;
  return image === asked.image && target.environment === environment && target.cpu === cpu;
}

/** The list that is kept, where it is the one that was asked for. */
async function listed(asked: Asked, options: JobOptions): Promise<Kept> {
  return kept && isFor(kept, asked) ? kept : read(asked, options);
}

/** The same, but a target that was not observed when it was last asked for may have been since. */
async function observedSince(asked: Asked, options: JobOptions): Promise<Kept> {
  const known = await listed(asked, options);
  return known.list.target ? known : read(asked, options);
}

/** Reads a kernel's sites, with what becomes of them where the same was booted before. */
function read(asked: Asked, options: JobOptions): Promise<Kept> {
  return withWorkspace(asked.home, async (workspace) => {
    const { image: sha256, target } = asked;
    const known = kept?.image === sha256 ? kept.opened : undefined;
    const image = await workspace.database.images.find(sha256);
    const opened = known ?? (await openImageKernel(workspace, image, options));
    const { kernel } = opened;
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
    return (kept = { opened, image: sha256, target, list });
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
