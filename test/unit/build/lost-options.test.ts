import { describe, expect, it } from 'vitest';
import {
  mergeFragments,
  parseConfig,
  parseFragment,
  lostOptions,
} from '../../../engine/build/kconfig.js';
import { explainLostOptions } from '../../../engine/build/lost-options.js';
import { testFolder } from '../../support/test-folder.js';
import { writeFiles } from './fake-kernel.js';

const tree = {
  Kconfig: 'source "arch/$(SRCARCH)/Kconfig"\nif NET\nsource "net/Kconfig"\nendif\n',
  'arch/x86/Kconfig': [
    'config XEN',
    '\tbool "Xen guest support"',
    '\thelp',
    '\t  Text that says',
    '\t  depends on NOTHING',
    '',
    '\t  and goes on.',
    '\tdepends on PARAVIRT && \\',
    '\t\t(64BIT || M686)',
    '\tselect PCI_XEN if PCI',
    'menu "Hidden"',
    '\tdepends on EXPERT',
    'config PCI_XEN',
    '\tbool',
    'config FREE',
    '\tbool "Free"',
    'endmenu',
    'config ALONE',
    '\tbool "Alone"',
    '',
  ].join('\n'),
  'net/Kconfig': 'config UNIX\n\ttristate "Sockets"\nsource "Kconfig"\n',
};

async function explain(fragment: string, final: string): Promise<Record<string, string>> {
  const folder = await testFolder();
  await writeFiles(folder, tree);
  const { asked } = mergeFragments([parseFragment(fragment, 'f.config')]);
  const configuration = parseConfig(final);
  const texts = await explainLostOptions(folder, lostOptions(asked, configuration), configuration);
  return Object.fromEntries(texts.map(({ asked: option, why }) => [option, why]));
}

describe('explainLostOptions', () => {
  it('shows dependencies with their values, as menuconfig does', async () => {
    expect(
      await explain('CONFIG_XEN=y\nCONFIG_FREE=y\nCONFIG_UNIX=y\n', 'CONFIG_64BIT=y\n'),
    ).toEqual({
      'CONFIG_XEN=y': 'depends on PARAVIRT [=n] && (64BIT [=y] || M686 [=n])',
      'CONFIG_FREE=y': 'depends on EXPERT [=n]',
      'CONFIG_UNIX=y': 'depends on NET [=n]',
    });
  });

  it('names who selects an option that was to be off', async () => {
    expect(
      await explain('# CONFIG_PCI_XEN is not set\n', 'CONFIG_PCI_XEN=y\nCONFIG_XEN=y\n'),
    ).toEqual({
      '# CONFIG_PCI_XEN is not set': 'selected by XEN',
    });
  });

  it('says when a tree has no such option, or only others decide it', async () => {
    expect(await explain('CONFIG_NEWER=y\nCONFIG_PCI_XEN=y\nCONFIG_ALONE=y\n', '')).toEqual({
      'CONFIG_NEWER=y': 'this kernel has no such option',
      'CONFIG_PCI_XEN=y': 'it has no prompt: other options decide it',
      'CONFIG_ALONE=y': 'no dependency says why: another option of the same choice may have won',
    });
  });
});
