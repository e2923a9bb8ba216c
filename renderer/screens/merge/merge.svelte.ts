import type { Image, Inspection } from '../../../engine/contract/app/images.js';
import type { ErrorBody } from '../../../engine/contract/app/jobs.js';
import type { Comparison, Merged, Verdict } from '../../../engine/contract/app/merge.js';
import { bodyOf, client } from '../../shared/client.js';
import { keepLoaded } from '../../shared/keep-loaded.js';
import { choiceOf, noChoice, usualChoice } from './choice.js';
import { verdictWords } from './columns.js';
import { sizesOfInspection, sizesOfMerged, type Sizes } from './sizes.js';

/** What the merge screen shows; it stays when another screen is opened. */
export const merge = $state({
  list: undefined as Image[] | undefined,
  error: undefined as ErrorBody | undefined,
  choice: noChoice(),
  /** The job that merges, while it does and after it failed. */
  job: undefined as number | undefined,
  /** Multi-image whose sizes are shown. */
  opened: undefined as string | undefined,
  tab: 'Functions',
  /** Row of the functions whose disassembly is shown. */
  row: undefined as number | undefined,
});

/** Large and replaced as a whole, so not deeply reactive. */
class Shown {
  merged = $state.raw<Merged>();
  sizes = $state.raw<Sizes>();
  comparison = $state.raw<Comparison>();
  /** Digests of the two kernels that are compared, and their names. */
  pair = $state.raw<{ a: Image; b: Image }>();
  progress = $state.raw<{ detail: string; done: number | null; total: number | null }>();
  error = $state.raw<ErrorBody>();
}
export const shown = new Shown();

let comparing: AbortController | undefined;

export async function loadImages(): Promise<void> {
  try {
    const { images } = await client.call('images.list', {});
    merge.list = images;
    merge.error = undefined;
    if (merge.choice.rows.length === 0) merge.choice = usualChoice(images);
    if (!shown.pair && !comparing) void compareChosen();
  } catch (error) {
    const body = bodyOf(error);
    if (body.code !== 'app-host-gone') merge.error = body;
  }
}

export const keepMerge = (): (() => void) => keepLoaded(loadImages);

/** Merges what is chosen; the result is shown when it is there. @throws what the job fails with */
export async function mergeChosen(): Promise<Image> {
  const { rows, rules, fallback, stub, name } = merge.choice;
  const started = await client.startJob('merge.run', {
    images: rows.map(({ sha256, flavour }) => ({ sha256, flavour: flavour.trim() || null })),
    name: name.trim() || null,
    default: fallback === null ? null : rows[fallback]?.flavour.trim() || null,
    rules: rules.length === 0 ? null : rules.map((rule) => ({ ...rule })),
    stub,
  });
  merge.job = started.job.id;
  const merged = await started.finished;
  merge.job = undefined;
  merge.opened = merged.image.sha256;
  shown.merged = merged;
  shown.sizes = sizesOfMerged(merged);
  return merged.image;
}

/** Shows a multi-image that was merged before: what it is made of, and its parts as the choice. */
export async function openMulti(image: Image): Promise<void> {
  merge.opened = image.sha256;
  shown.merged = undefined;
  shown.sizes = undefined;
  merge.choice = choiceOf(image, merge.list ?? []);
  void compareChosen();
  try {
    const inspection: Inspection = await client.call('images.inspect', { sha256: image.sha256 });
    if (merge.opened === image.sha256) {
      shown.sizes = sizesOfInspection(image, inspection.description, merge.list ?? []);
    }
  } catch (error) {
    shown.error = bodyOf(error);
  }
}

/** Compares the first two kernels of the choice that the lab has the vmlinux of. */
export function compareChosen(): Promise<void> {
  const images = merge.choice.rows
    .map(({ sha256 }) => merge.list?.find((image) => image.sha256 === sha256))
    .filter((image) => image?.build);
  const [a, b] = images;
  return a && b ? compare(a, b) : Promise.resolve();
}

export async function compare(a: Image, b: Image): Promise<void> {
  // A click on what was merged before often asks for the two kernels that are shown.
  const { pair } = shown;
  const isShown = pair?.a.sha256 === a.sha256 && pair.b.sha256 === b.sha256;
  if (isShown && (shown.comparison || comparing)) {
    shown.pair = { a, b };
    return;
  }
  comparing?.abort();
  const abort = (comparing = new AbortController());
  const { signal } = abort;
  shown.pair = { a, b };
  shown.comparison = undefined;
  shown.error = undefined;
  merge.row = undefined;
  try {
    const comparison = await client.call(
      'merge.compare',
      { a: a.sha256, b: b.sha256 },
      { signal, onEvent: (progress) => (shown.progress = progress) },
    );
    if (!signal.aborted) shown.comparison = comparison;
  } catch (error) {
    if (signal.aborted) return;
    const body = bodyOf(error);
    // The next host's connection compares again.
    if (body.code === 'app-host-gone') shown.pair = undefined;
    else shown.error = body;
  } finally {
    if (comparing === abort) {
      comparing = undefined;
      shown.progress = undefined;
    }
  }
}

/** `only in native-6.1.192`: what a verdict means for the kernels that are compared. */
export function verdictName(verdict: Verdict): string {
  const { a, b } = shown.pair ?? {};
  if (verdict === 'only-a' && a) return `only in ${a.name}`;
  if (verdict === 'only-b' && b) return `only in ${b.name}`;
  return verdictWords[verdict];
}
