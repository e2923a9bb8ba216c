import type { patchJobs, patchMethods } from '../../../engine/contract/app/patch.js';
import type { Handlers, JobHandlers } from '../handler.js';

export const patchHandlers: Handlers<keyof typeof patchMethods> = {
  'patch.sites': ({ home, threads }, params, { signal }) =>
    threads.run('sites', { home, ...params }, { signal }),
  'patch.function': ({ home, threads }, params, { signal }) =>
    threads.run('siteFunction', { home, ...params }, { signal }),
  'patch.discover': ({ home, threads }, params, { signal }) =>
    threads.run('discover', { home, ...params }, { signal }),
  'patch.loads': ({ home, threads }, params, { signal }) =>
    threads.run('loads', { home, ...params }, { signal }),
  'patch.export': async ({ home, threads, grants }, { file: token, ...asked }, { signal }) => {
    const file = grants.toWrite(token);
    await threads.run('exportSites', { home, ...asked, file }, { signal });
    return {};
  },
};

export const patchJobPlans: JobHandlers<keyof typeof patchJobs> = {
  'patch.observe': async (context, { image: sha256, target }) => {
    const { database } = await context.workspace();
    const image = await database.images.find(sha256);
    return {
      title: `Observe ${image.name} as ${target.environment}`,
      work: (options) => {
        const params = { home: context.home, image: image.sha256, target };
        return context.threads.run('observe', params, options);
      },
    };
  },
  'patch.constants': async (context, { image: sha256, target }) => {
    const { database } = await context.workspace();
    const image = await database.images.find(sha256);
    return {
      title: `Count loads of ${image.name} as ${target.environment}`,
      work: (options) => {
        const params = { home: context.home, image: image.sha256, target };
        return context.threads.run('constants', params, options);
      },
    };
  },
  'patch.run': async (context, { image: sha256, target, families, name, ...more }) => {
    const { database } = await context.workspace();
    const image = await database.images.find(sha256);
    return {
      title: `Patch ${image.name} for ${target.environment}`,
      work: async (options) => {
        const choice = { ...more, families: families ?? undefined, name: name ?? undefined };
        const params = { home: context.home, image: image.sha256, target, ...choice };
        const patched = await context.threads.run('patch', params, options);
        // Patching to what is being deleted takes the deletion back.
        context.removals.restore(patched.image.sha256);
        context.tell('images', {});
        return patched;
      },
      summary: ({ image: { name: made } }) => made,
    };
  },
};
