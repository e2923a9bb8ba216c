import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  changeMisc,
  changeVoffset,
  configuredCodec,
  miscChange,
  piggySource,
} from '../../../engine/merge/decompressor-source.js';
import { labError } from '../../support/lab-error.js';

const unknown = labError('merge-decompressor-unknown', { place: { file: 'FILE' } });

describe('misc.c', () => {
  const codec = (name: string, option: string): string =>
    `#ifdef CONFIG_KERNEL_${option}\n#include "../../../../lib/decompress_${name}.c"\n#endif\n`;
  const head = `#include "misc.h"\n\n${codec('inflate', 'GZIP')}\n${codec('unzstd', 'ZSTD')}`;
  const tail = '/* NOTE */\nvoid f(void)\n{\n\tif (__decompress(input_data) < 0)\n\t\treturn;\n}\n';

  it('is changed behind the last codec, and nowhere else', () => {
    expect(changeMisc(head + tail, 'FILE')).toBe(head + miscChange + tail);
  });

  it.each([
    ['without a codec', tail],
    ['that calls something else', `${head}void f(void) { unpack(); }`],
    ['that calls it before the codecs', tail + head],
  ])('%s is refused', (_what, source) => {
    expect(() => changeMisc(source, 'FILE')).toThrow(unknown);
  });
});

describe('voffset.h', () => {
  const voffset = [
    '#define VO___bss_start _AC(0xffffffff81c91000,UL)',
    '#define VO___start_rodata _AC(0xffffffff81800000,UL)',
    '#define VO__end _AC(0xffffffff81e20000,UL)',
    '#define VO__text _AC(0xffffffff81000000,UL)\n',
  ].join('\n');

  it('has room for the largest flavour', () => {
    const changed = changeVoffset(voffset, 'FILE', { memory: 0x1000000, text: 0xa00000 });
    expect(changed).toBe(
      [
        '#define VO___bss_start _AC(0xffffffff82000000,UL)',
        '#define VO___start_rodata _AC(0xffffffff81a00000,UL)',
        '#define VO__end _AC(0xffffffff82000000,UL)',
        '#define VO__text _AC(0xffffffff81000000,UL)\n',
      ].join('\n'),
    );
  });

  it('never gets smaller', () => {
    const changed = changeVoffset(voffset, 'FILE', { memory: 0x1000 });
    expect(changed).toBe(voffset);
  });

  it('of another form is refused', () => {
    const other = voffset.replace('VO__end', 'VO__finish');
    expect(() => changeVoffset(other, 'FILE', { memory: 0 })).toThrow(unknown);
  });
});

describe('piggy.S', () => {
  it('says what the code and header.S look for', () => {
    const source = piggySource({ payload: 2_000_001, output: 33_000_000, work: 5_000 });
    const symbols = [...source.matchAll(/^(\w+)(?::| =)/gm)].map(([, name]) => name);
    expect(symbols).toEqual(
      'z_input_len z_output_len input_data input_data_end multi_data multi_data_end input_len output_len multi_work multi_work_end'.split(
        ' ',
      ),
    );
    expect(source).toMatch(/^output_len:\n\t\.long 33000000$/m);
    expect(source).toMatch(/^multi_work:\n\t\.skip 5000$/m);
    const assembled = source.replace(/^\.incbin.*$/gm, '.skip 3');
    execFileSync('as', ['-o', '/dev/null', '-'], { input: assembled });
  });
});

describe('the codec of a configuration', () => {
  it.each([
    ['CONFIG_KERNEL_GZIP=y\n# CONFIG_KERNEL_XZ is not set\n', 'gzip'],
    ['# CONFIG_KERNEL_GZIP is not set\nCONFIG_KERNEL_ZSTD=y\n', 'zstd'],
    ['CONFIG_KERNEL_UNCOMPRESSED=y\n', 'none'],
    ['CONFIG_KERNEL_MODE_NEON=y\n', undefined],
  ])('%j is %s', (config, codec) => {
    expect(configuredCodec(config)).toBe(codec);
  });
});
