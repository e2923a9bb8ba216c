import type { ImageRecord } from '../../db/records.js';
import { buildFlavour } from '../build/build-flavour.js';
import { findFlavour } from '../build/flavours.js';
import type { FlavourName } from '../build/types.js';
import type { QemuEmulator } from '../boot/index.js';
import { defaultMachine, type EnvironmentName } from '../boot/types.js';
import { mergeImages } from '../images/merge-images.js';
import { patchImage } from '../images/patch-image.js';
import type { JobOptions } from '../progress.js';
import type { Workspace } from '../workspace/types.js';
import type { Plan, PlannedCell } from './types.js';

/** What `kbl run` builds and boots. */
export interface StandardRequest {
  flavours: readonly FlavourName[];
  /** A kernel source tree; the newest installed linux-source package when absent. */
  source?: string | undefined;
  jobs?: number | undefined;
}

/** What making the images takes. */
export interface StandardServices {
  workspace: Workspace;
  emulator: QemuEmulator;
}

export interface BuiltImages {
  /** By flavour, in the order asked for. */
  flavours: Map<FlavourName, ImageRecord>;
  /** The multi-image of native and xen; undefined unless both were asked for. */
  multi: ImageRecord | undefined;
}

export interface StandardImages extends BuiltImages {
  /** The xen flavour with its patch sites resolved offline, by what it was patched for. */
  patched: ReadonlyMap<EnvironmentName, ImageRecord>;
}

export const standardFlavours: readonly FlavourName[] = ['native', 'xen'];

/** The column that figures are compared with: no hypervisor support compiled in at all. */
const bareFlavour = 'native';
/** The flavour that also runs under Xen. */
export const xenFlavour = 'xen';
const multiLabel = 'multi';
/** What the xen flavour is patched for, and what that column is called. */
const patchedLabels = { bare: 'xen-for-bare', 'xen-pv-dom0': 'xen-for-xen' } as const;
const patchedFor = ['bare', 'xen-pv-dom0'] as const;

/** Builds the flavours one after the other (a build uses every core) and merges native and xen. */
export async function builtImages(
  workspace: Workspace,
  { flavours, source, jobs }: StandardRequest,
  options: JobOptions,
): Promise<BuiltImages> {
  const built = new Map<FlavourName, ImageRecord>();
  // Before the first is built: a typing error in the last must not come out minutes later.
  const found = await Promise.all([...new Set(flavours)].map(findFlavour));
  for (const flavour of found) {
    const { image } = await buildFlavour(workspace, { flavour, source, jobs }, options);
    built.set(flavour.name, image);
  }
  const bare = built.get(bareFlavour);
  const xen = built.get(xenFlavour);
  const merged = bare && xen && (await mergeImages(workspace, [bare, xen], {}, options));
  return { flavours: built, multi: merged?.image };
}

/** The same, and patches xen for both of its environments, which boots it once in each. */
export async function standardImages(
  { workspace, emulator }: StandardServices,
  request: StandardRequest,
  options: JobOptions,
): Promise<StandardImages> {
  const built = await builtImages(workspace, request, options);
  const patched = new Map<EnvironmentName, ImageRecord>();
  const xen = built.flavours.get(xenFlavour);
  for (const environment of xen ? patchedFor : []) {
    const { image } = await patchImage(workspace, emulator, xen!, { environment }, options);
    patched.set(environment, image);
  }
  return { ...built, patched };
}

/**
 * The standard experiment: every flavour on bare hardware, the xen flavour and
 * the multi-image also as PV dom0, and the patched ones where they were patched for.
 * native on bare comes first: it is the baseline.
 */
export function standardPlan(
  { flavours, multi, patched }: StandardImages,
  choice: Pick<Plan, 'workloads' | 'repeat' | 'append'>,
): Plan {
  const cells: PlannedCell[] = [];
  const add = (label: string, image: ImageRecord, environments: EnvironmentName[]): void => {
    for (const environment of environments) {
      cells.push({ image: image.sha256, label, environment });
    }
  };
  const inOrder = [...flavours].sort(([a], [b]) => rank(a) - rank(b));
  for (const [name, image] of inOrder) {
    add(name, image, name === xenFlavour ? ['bare', 'xen-pv-dom0'] : ['bare']);
  }
  if (multi !== undefined) add(multiLabel, multi, ['bare', 'xen-pv-dom0']);
  for (const environment of patchedFor) {
    const image = patched.get(environment);
    if (image) add(patchedLabels[environment], image, [environment]);
  }
  return { schema: 1, cells, machine: { ...defaultMachine }, ...choice };
}

/** native, then flavours between, then xen: the order in which hypervisor support grows. */
function rank(flavour: FlavourName): number {
  if (flavour === bareFlavour) return 0;
  return flavour === xenFlavour ? 2 : 1;
}
