import type { Image } from '../../../engine/contract/app/images.js';
import type { ErrorBody } from '../../../engine/contract/app/jobs.js';
import {
  familyNames,
  type ConstantsOf,
  type FamilyName,
  type Observed,
  type PatchEnvironment,
  type PatchTarget,
  type Sites,
} from '../../../engine/contract/app/patch.js';
import { bodyOf, client } from '../../shared/client.js';
import { keepLoaded } from '../../shared/keep-loaded.js';
import { resultOfPatched, type PatchResult } from './results.js';
import { usualImage } from './words.js';

interface PatchState {
  list: Image[] | undefined;
  error: ErrorBody | undefined;
  /** Digest of the kernel whose sites are shown. */
  image: string | undefined;
  environment: PatchEnvironment;
  cpu: string;
  /** Families that are left to the kernel. */
  leftOut: FamilyName[];
  /** Single sites that are, by function, subject, place or address. */
  except: string[];
  /** Variables whose loads become immediates, and whether that takes those, too, that may change. */
  constants: string[];
  force: boolean;
  keepTables: boolean;
  /** Of the patched image; empty for `IMAGE-for-TARGET`. */
  name: string;
  /** The job that observes, counts or patches, while it does and after it failed. */
  job: number | undefined;
  tab: string;
  /** Families that the table shows; all when empty. */
  families: FamilyName[];
  filter: string;
  /** Row of the sites whose function is listed. */
  row: number | undefined;
}

/** What the patch screen shows; it stays when another screen is opened. */
export const patch = $state<PatchState>({
  ...{ list: undefined, error: undefined, image: undefined, job: undefined, row: undefined },
  ...{ environment: 'bare', cpu: 'qemu64', leftOut: [], except: [], name: '' },
  ...{ constants: [], force: false, keepTables: false },
  ...{ tab: 'Sites', families: [], filter: '' },
});

/** Large and replaced as a whole, so not deeply reactive. */
class Shown {
  sites = $state.raw<Sites>();
  /** For which `sites` tells what becomes of them. */
  target = $state.raw<PatchTarget>({ environment: 'bare', cpu: 'qemu64' });
  error = $state.raw<ErrorBody>();
  reading = $state(false);
  result = $state.raw<PatchResult>();
  observed = $state.raw<Observed>();
  /** Of the image and target that they name. */
  constants = $state.raw<ConstantsOf>();
}
export const shown = new Shown();

let reading: AbortController | undefined;

export function target(): PatchTarget {
  return { environment: patch.environment, cpu: patch.cpu };
}

export async function loadImages(): Promise<void> {
  try {
    const { images } = await client.call('images.list', {});
    patch.list = images;
    patch.error = undefined;
    if (!images.some(({ sha256 }) => sha256 === patch.image)) {
      patch.image = usualImage(images)?.sha256;
      forgetChoice();
      await readSites();
    } else if (!shown.sites && !reading) await readSites();
  } catch (error) {
    const body = bodyOf(error);
    if (body.code !== 'app-host-gone') patch.error = body;
  }
}

export const keepPatch = (): (() => void) => keepLoaded(loadImages);

/** Shows another kernel, or what becomes of it elsewhere. */
export function choose(change: Partial<Pick<typeof patch, 'image' | 'environment' | 'cpu'>>): void {
  // Rows of the same kernel are the same on every target.
  if (change.image !== undefined) forgetChoice();
  Object.assign(patch, change);
  void readSites();
}

/** What was chosen of one kernel's sites and variables says nothing of another's. */
function forgetChoice(): void {
  patch.row = undefined;
  patch.except = [];
  patch.constants = [];
  shown.sites = undefined;
}

/** Reads the sites of the chosen kernel, and what becomes of them where that was observed. */
export async function readSites(): Promise<void> {
  reading?.abort();
  const { image } = patch;
  if (image === undefined) return;
  const abort = (reading = new AbortController());
  const { signal } = abort;
  shown.reading = true;
  shown.error = undefined;
  try {
    const asked = target();
    const sites = await client.call('patch.sites', { image, target: asked }, { signal });
    if (signal.aborted) return;
    shown.sites = sites;
    shown.target = asked;
  } catch (error) {
    if (signal.aborted) return;
    const body = bodyOf(error);
    shown.sites = undefined;
    // The next host's connection reads again.
    if (body.code !== 'app-host-gone') shown.error = body;
  } finally {
    if (reading === abort) {
      reading = undefined;
      shown.reading = false;
    }
  }
}

/** Boots the chosen kernel once; what it changed is shown. @throws what the job fails with */
export async function observeChosen(image: string): Promise<void> {
  const { job, finished } = await client.startJob('patch.observe', { image, target: target() });
  shown.observed = await watched(job.id, finished);
  patch.tab = 'Changes at boot';
  void readSites();
}

/** Boots the chosen kernel twice, and counts what it reads of variables. @throws what the job fails with */
export async function countLoads(image: string): Promise<void> {
  const { job, finished } = await client.startJob('patch.constants', { image, target: target() });
  shown.constants = await watched(job.id, finished);
  // It was booted if it had not been: what becomes of sites is known now.
  void readSites();
}

/** Patches the chosen kernel; the result is shown. @throws what the job fails with */
export async function patchChosen(image: string): Promise<PatchResult> {
  const { leftOut, except, constants, force, keepTables, name } = patch;
  const present = shown.sites?.totals.map(({ family }) => family) ?? familyNames;
  const without = leftOut.filter((family) => present.includes(family));
  const chosen = familyNames.filter((family) => !leftOut.includes(family));
  const { job, finished } = await client.startJob('patch.run', {
    ...{ image, target: target(), name: name.trim() || null, force, keepTables },
    families: without.length === 0 ? null : chosen,
    ...{ except: [...except], constants: [...constants] },
  });
  const result = resultOfPatched(await watched(job.id, finished), [...without, ...except]);
  shown.result = result;
  patch.tab = 'Result';
  void readSites();
  return result;
}

/** Shows a job until it is done; one that failed stays, with its output, unless its host is gone. */
async function watched<T>(job: number, finished: Promise<T>): Promise<T> {
  patch.job = job;
  try {
    const result = await finished;
    patch.job = undefined;
    return result;
  } catch (error) {
    if (bodyOf(error).code === 'app-host-gone') patch.job = undefined;
    throw error;
  }
}
