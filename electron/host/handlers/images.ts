import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import {
  listOwnFragments,
  removeOwnFragment,
  saveOwnFragment,
  type OwnFragment as KeptFragment,
} from '../../../engine/build/own-fragments.js';
import { shippedFlavours } from '../../../engine/build/flavours.js';
import type {
  imagesJobs,
  imagesMethods,
  OwnFragment,
} from '../../../engine/contract/app/images.js';
import { errorBodyOf } from '../../../engine/errors/error-body.js';
import { refuseNeeded } from '../../../engine/images/delete-image.js';
import type { Milliseconds } from '../../../engine/units.js';
import type { Handlers, JobHandlers } from '../handler.js';
import { buildImages } from './build-images.js';

/** Longer than the toast that offers it. */
const undoFor: Milliseconds = 20_000;

export const imageHandlers: Handlers<keyof typeof imagesMethods> = {
  'images.list': async (context) => {
    const { database } = await context.workspace();
    const images = (await database.images.list()).filter(
      ({ sha256 }) => !context.removals.isHidden(sha256),
    );
    return { schema: 'kbl-images', version: 1, images };
  },
  'images.find': async (context, { sha256 }) =>
    (await context.workspace()).database.images.find(sha256),
  'images.inspect': async (context, { sha256 }, { signal }) => {
    const { database, store } = await context.workspace();
    const image = await database.images.find(sha256);
    const file = await store.verified(sha256, { signal });
    const description = await context.threads.run('inspect', { file }, { signal });
    return { schema: 'kbl-inspect', version: 2, file, image, description };
  },
  'images.boots': async (context, { sha256 }, { signal }) => {
    const { store } = await context.workspace();
    return context.threads.run('boots', { file: store.path(sha256), sha256 }, { signal });
  },
  'images.size': async (context, { sha256, vmlinux }, { signal }) => {
    const given = vmlinux === null ? undefined : context.grants.toRead(vmlinux);
    return context.threads.run('size', { home: context.home, sha256, vmlinux: given }, { signal });
  },
  'images.rename': async (context, { sha256, name }) => {
    const { database } = await context.workspace();
    const image = await database.images.rename(sha256, name);
    context.tell('images', {});
    return image;
  },
  'images.remove': async (context, { sha256 }) => {
    const { database } = await context.workspace();
    await refuseNeeded({ database }, await database.images.find(sha256));
    context.removals.hide(sha256, undoFor);
    context.tell('images', {});
    return { undoFor };
  },
  'images.restore': (context, { sha256 }) => {
    const restored = context.removals.restore(sha256);
    if (restored) context.tell('images', {});
    return { restored };
  },
  'images.flavours': async () => ({
    flavours: (await shippedFlavours()).map(({ name, summary }) => ({ name, summary })),
    processors: availableParallelism(),
  }),
  'images.fragments': async (context) => ({
    fragments: (await listOwnFragments(await context.workspace())).map(fragmentReply),
  }),
  'images.saveFragment': async (context, { name, text }) =>
    fragmentReply(await saveOwnFragment(await context.workspace(), name, text)),
  'images.removeFragment': async (context, { name }) => {
    await removeOwnFragment(await context.workspace(), name);
    return {};
  },
};

function fragmentReply({ problem, ...fragment }: KeptFragment): OwnFragment {
  return { ...fragment, problem: problem && errorBodyOf(problem) };
}

export const imageJobs: JobHandlers<keyof typeof imagesJobs> = {
  'images.import': (context, { file: token, name }) => {
    const file = context.grants.toRead(token);
    return {
      title: `Import ${basename(file)}`,
      work: async (options) => {
        const params = { home: context.home, file, name };
        const imported = await context.threads.run('import', params, options);
        // Importing what is being deleted takes the deletion back.
        context.removals.restore(imported.image.sha256);
        context.tell('images', {});
        return { schema: 'kbl-import', version: 2, ...imported };
      },
      summary: ({ image }) => image.name,
    };
  },
  'images.build': (context, params) => buildImages(context, params),
};
