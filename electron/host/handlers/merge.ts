import { findVmlinux, type FoundVmlinux } from '../../../engine/compare/find-vmlinux.js';
import type { mergeJobs, mergeMethods } from '../../../engine/contract/app/merge.js';
import { mergeErrors } from '../../../engine/errors/merge.js';
import type { Sha256 } from '../../../engine/units.js';
import type { HostContext } from '../context.js';
import type { Handlers, JobHandlers } from '../handler.js';
import type { Pair } from '../threads/compare-tasks.js';

export const mergeHandlers: Handlers<keyof typeof mergeMethods> = {
  'merge.compare': async (context, { a, b }, { emit, signal }) =>
    context.threads.run('compare', await pairOf(context, a, b), {
      signal,
      onProgress: (event) => {
        if (event.kind !== 'step') return;
        const { detail, done = null, total = null } = event;
        emit({ detail, done, total });
      },
    }),
  'merge.function': async (context, { a, b, row }, { signal }) =>
    context.threads.run('disassemble', { ...(await pairOf(context, a, b)), row }, { signal }),
};

export const mergeJobPlans: JobHandlers<keyof typeof mergeJobs> = {
  'merge.run': async (context, { images: asked, name, default: fallback, rules, stub }) => {
    if (asked.length < 2) throw mergeErrors.tooFew({ count: asked.length });
    const { database } = await context.workspace();
    const images = await Promise.all(asked.map(({ sha256 }) => database.images.find(sha256)));
    return {
      title: `Merge ${images.map((image) => image.name).join(' + ')}`,
      work: async (options) => {
        const request = {
          flavours: asked.map(({ flavour }) => flavour ?? undefined),
          name: name ?? undefined,
          fallback: fallback ?? undefined,
          rules: rules ?? undefined,
          stub,
        };
        const digests = images.map(({ sha256 }) => sha256);
        const params = { home: context.home, images: digests, request };
        const merged = await context.threads.run('merge', params, options);
        // Merging what is being deleted again takes the deletion back.
        context.removals.restore(merged.image.sha256);
        context.tell('images', {});
        return merged;
      },
      summary: ({ image: { name: made } }) => made,
    };
  },
};

/**
 * The store's files are checked once: a function is asked for at every key press. A thread reads them
 * anew only when it has let the comparison go.
 */
const found = new WeakMap<HostContext, Map<Sha256, Promise<FoundVmlinux>>>();

async function pairOf(context: HostContext, a: Sha256, b: Sha256): Promise<Pair> {
  const known = found.get(context) ?? new Map<Sha256, Promise<FoundVmlinux>>();
  found.set(context, known);
  const find = (sha256: Sha256): Promise<FoundVmlinux> => {
    const finding = known.get(sha256) ?? findVmlinux(sha256, () => context.workspace());
    known.set(sha256, finding);
    finding.catch(() => known.delete(sha256));
    return finding;
  };
  return { a: await find(a), b: await find(b) };
}
