import { join } from 'node:path';
import { tryBootFile } from '../../../engine/boot/try-file.js';
import type { doctorMethods } from '../../../engine/contract/app/doctor.js';
import { judge } from '../../../engine/doctor/checks.js';
import { gatherFacts } from '../../../engine/doctor/facts.js';
import type { Handlers } from '../handler.js';

export const doctorHandlers: Handlers<keyof typeof doctorMethods> = {
  'doctor.check': async ({ home }) => ({
    schema: 'kbl-doctor',
    version: 1,
    ...judge(await gatherFacts(home)),
  }),
  'doctor.tryFile': async ({ home, grants }, { file, token }) => ({
    found: await tryBootFile(file, grants.toBoot(token), join(home, 'xen')),
  }),
  'lab.status': async (context) => {
    const { database, folders } = await context.workspace();
    const images = await database.images.list();
    const experiments = await database.experiments.list();
    return {
      workspace: folders.home,
      images: images.filter(({ sha256 }) => !context.removals.isHidden(sha256)).length,
      experiments: experiments.length,
    };
  },
};
