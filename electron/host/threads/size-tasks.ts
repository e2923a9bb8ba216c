import type { Sizes } from '../../../engine/contract/app/images.js';
import { sizeOfImage } from '../../../engine/images/size-image.js';
import { addressText } from '../../../engine/kernel/address.js';
import type { JobOptions } from '../../../engine/progress.js';
import { totalsOf } from '../../../engine/size/roll-up.js';
import type { Sha256 } from '../../../engine/units.js';
import { withWorkspace } from './with-workspace.js';

interface Asked {
  home: string;
  sha256: Sha256;
  /** Path of a vmlinux that the user says it was made of. */
  vmlinux: string | undefined;
}

export const sizeTasks = {
  size: ({ home, sha256, vmlinux }: Asked, options: JobOptions): Promise<Sizes> =>
    withWorkspace(home, async (workspace) => {
      const image = await workspace.database.images.find(sha256);
      const file = await workspace.store.verified(sha256, options);
      const found = await sizeOfImage(workspace, { image: { image, file }, vmlinux }, options);
      const { attribution, hasFolders, namesFrom, memory, notes, sections, objects } = found;
      const { length, size, section, object, kind, name } = found.leaves;
      return {
        ...{ attribution, hasFolders, namesFrom, memory, notes, objects },
        totals: totalsOf(found),
        sections: sections.map(({ name: title, start, size: bytes, class: one }) => ({
          ...{ name: title, address: `0x${addressText(start)}`, size: bytes, class: one },
        })),
        leaves: { length, size, section, object, kind, name },
      };
    }),
};
