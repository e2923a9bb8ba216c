import { describe, expect, it } from 'vitest';
import {
  applyOptions,
  lostOptions,
  mergeFragments,
  parseConfig,
  parseFragment,
} from '../../../engine/build/kconfig.js';

describe('parseFragment', () => {
  it('reads every kind of value', () => {
    const { options } = parseFragment(
      '# a remark\n\nCONFIG_A=y\nCONFIG_B=n\n# CONFIG_C is not set\nCONFIG_D=0x1000\nCONFIG_E=-3\nCONFIG_F="a \\"b\\" c"\n  CONFIG_G=m  \r\n',
      'x.config',
    );
    expect([...options]).toEqual([
      ['A', 'y'],
      ['B', 'n'],
      ['C', 'n'],
      ['D', '0x1000'],
      ['E', '-3'],
      ['F', '"a \\"b\\" c"'],
      ['G', 'm'],
    ]);
  });

  it.each([
    'CONFIG_A=yes',
    'A=y',
    'CONFIG_A y',
    'CONFIG_A="open',
    '# CONFIG_A not set',
    'CONFIG_=y',
  ])('refuses %j and says in which line', (line) => {
    expect(() => parseFragment(`CONFIG_OK=y\n${line}\n`, 'mine.config')).toThrow(
      expect.objectContaining({
        code: 'build-fragment-syntax',
        message: expect.stringContaining('line 2') as string,
        place: { file: 'mine.config' },
      }),
    );
  });
});

describe('mergeFragments', () => {
  const base = parseFragment('CONFIG_A=y\nCONFIG_B=y\n', 'base.config');

  it('lets the last fragment win and warns', () => {
    const { asked, warnings } = mergeFragments([
      base,
      parseFragment('# CONFIG_B is not set\nCONFIG_C="x"\n', 'over.config'),
    ]);
    expect(asked.get('B')).toEqual({ value: 'n', fragment: 'over.config' });
    expect(warnings).toEqual([
      'over.config overrides base.config: CONFIG_B=y becomes # CONFIG_B is not set',
    ]);
  });

  it('is silent when a fragment repeats another', () => {
    expect(mergeFragments([base, { ...base, name: 'again.config' }]).warnings).toEqual([]);
  });
});

describe('applyOptions', () => {
  it('replaces options and puts the asked ones last', () => {
    const { asked } = mergeFragments([
      parseFragment('CONFIG_KERNEL_GZIP=y\n# CONFIG_B is not set\n', 'f'),
    ]);
    const base = '# CONFIG_KERNEL_GZIP is not set\nCONFIG_KERNEL_XZ=y\nCONFIG_B=y\nCONFIG_BB=y\n';
    expect(applyOptions(base, asked)).toBe(
      'CONFIG_KERNEL_XZ=y\nCONFIG_BB=y\nCONFIG_KERNEL_GZIP=y\n# CONFIG_B is not set\n',
    );
  });
});

describe('lostOptions', () => {
  const { asked } = mergeFragments([
    parseFragment('CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C="x"\nCONFIG_D=1\n', 'f'),
  ]);

  it('finds nothing when all survived, absent counting as not set', () => {
    expect(lostOptions(asked, parseConfig('CONFIG_A=y\nCONFIG_C="x"\nCONFIG_D=1\n'))).toEqual([]);
  });

  it('tells what each lost option became', () => {
    const lost = lostOptions(asked, parseConfig('CONFIG_B=y\nCONFIG_C="y"\nCONFIG_D=1\n'));
    expect(lost.map(({ option, became }) => [option, became])).toEqual([
      ['A', 'n'],
      ['B', 'y'],
      ['C', '"y"'],
    ]);
  });
});
