import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFlavour, readFragments, shippedFlavours } from '../../../engine/build/flavours.js';
import { mergeFragments } from '../../../engine/build/kconfig.js';
import { testFolder } from '../../support/test-folder.js';
import { writeFiles } from './fake-kernel.js';

describe('shipped flavours', () => {
  it('are native, paravirt and xen, and no fragment contradicts another', async () => {
    const flavours = await shippedFlavours();
    expect(flavours.map(({ name }) => name)).toEqual(['native', 'paravirt', 'xen']);
    for (const flavour of flavours)
      expect(mergeFragments(await readFragments(flavour)).warnings).toEqual([]);
  });

  it('differ in what they are named for', async () => {
    const value = async (name: string, option: string): Promise<string | undefined> => {
      const { asked } = mergeFragments(await readFragments(await findFlavour(name)));
      return asked.get(option)?.value;
    };
    expect(await value('native', 'HYPERVISOR_GUEST')).toBe('n');
    expect(await value('paravirt', 'PARAVIRT')).toBe('y');
    expect(await value('paravirt', 'XEN')).toBe('n');
    expect(await value('xen', 'XEN_PV')).toBe('y');
    expect(await value('xen', 'PVH')).toBe('y');
  });
});

describe('findFlavour', () => {
  it("takes the user's own fragments, over the common one", async () => {
    const folder = await testFolder();
    const files = [join(folder, 'one.config'), join(folder, 'two.config')];
    await writeFiles(folder, { 'one.config': 'CONFIG_A=y\n', 'two.config': 'CONFIG_B=y\n' });
    const flavour = await findFlavour(files.join(','));
    expect(flavour.name).toBe('two');
    expect((await readFragments(flavour)).map(({ name }) => name)).toEqual([
      'common.config',
      'one.config',
      'two.config',
    ]);
  });

  it('refuses a name it does not know, and a fragment that is not there', async () => {
    await expect(findFlavour('natvie')).rejects.toMatchObject({
      code: 'build-unknown-flavour',
      hint: expect.stringContaining('native, paravirt, xen') as string,
    });
    await expect(findFlavour('/nowhere/x.config').then(readFragments)).rejects.toMatchObject({
      code: 'file-missing',
      place: { file: '/nowhere/x.config' },
    });
  });
});
