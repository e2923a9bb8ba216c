import { describe, expect, it } from 'vitest';
import {
  decodeDirectory,
  encodeDirectory,
  isFlavourName,
  type Directory,
} from '../../../engine/bzimage/directory.js';
import { fletcher64 } from '../../../engine/bzimage/fletcher64.js';
import { directoryField, flavour, threeFlavours } from '../../support/directories.js';
import { labError } from '../../support/lab-error.js';
import { nativeDirectory } from '../../support/native-directory.js';

const ask = nativeDirectory();
const bytes = encodeDirectory(threeFlavours());

describe('a directory', () => {
  it('is read as it was written', () => {
    expect(decodeDirectory(bytes)).toEqual(threeFlavours());
  });

  it('may be followed by anything', () => {
    expect(decodeDirectory(new Uint8Array([...bytes, ...bytes]))).toEqual(threeFlavours());
  });

  it('takes names that can be typed', () => {
    expect(['native', 'a', '6.1_xen-pv', 'x'.repeat(15)].every(isFlavourName)).toBe(true);
    expect(['', 'x'.repeat(16), 'a b', '-a', 'é', 'a\n'].some(isFlavourName)).toBe(false);
  });
});

describe('the flavour that boots', () => {
  it.each([
    ['', '', 'native', 'kbl: flavour native (default)'],
    ['quiet kbl.flavour=xen', '', 'xen', 'kbl: flavour xen (kbl.flavour=)'],
    [
      'kbl.flavour=xen kbl.flavour=paravirt ',
      '',
      'paravirt',
      'kbl: flavour paravirt (kbl.flavour=)',
    ],
    ['', 'XenVMMXenVMM', 'xen', 'kbl: flavour xen (hypervisor XenVMMXenVMM)'],
    ['', 'KVMKVMKVM', 'paravirt', 'kbl: flavour paravirt (hypervisor KVMKVMKVM)'],
    ['', 'Microsoft Hv', 'native', 'kbl: flavour native (default)'],
    ['kbl.flavour=native', 'XenVMMXenVMM', 'native', 'kbl: flavour native (kbl.flavour=)'],
    ['kbl.flavour=foo', 'XenVMMXenVMM', 'native', 'kbl: no flavour foo; native (default)'],
    ['kbl.flavour=', '', 'native', 'kbl: no flavour ; native (default)'],
    ['kbl.flavour=xenon', '', 'native', 'kbl: no flavour xenon; native (default)'],
    ['akbl.flavour=xen', '', 'native', 'kbl: flavour native (default)'],
    ['foo="kbl.flavour=xen"', '', 'native', 'kbl: flavour native (default)'],
    ['kbl.flavour=\x1b[2Jx', '', 'native', 'kbl: no flavour ; native (default)'],
    [
      `kbl.flavour=${'x'.repeat(2000)}`,
      '',
      'native',
      `kbl: no flavour ${'x'.repeat(32)}; native (default)`,
    ],
  ])('with "%s" and hypervisor "%s" is %s', (commandLine, signature, name, line) => {
    expect(ask([{ directory: bytes, commandLine, signature }])).toEqual([
      { status: 0, flavour: name, line },
    ]);
  });
});

describe('a damaged directory', () => {
  it('is refused by both readers, whichever of its bytes is wrong', () => {
    const size = new DataView(bytes.buffer).getUint32(directoryField.directorySize, true);
    const damaged = Array.from({ length: size }, (_, i) => {
      const copy = bytes.slice();
      copy[i]! ^= 0x10;
      return copy;
    });
    for (const copy of damaged) {
      expect(() => decodeDirectory(copy)).toThrow(labError('merge-directory-malformed'));
    }
    const answers = ask(damaged.map((directory) => ({ directory })));
    expect(answers).toHaveLength(size);
    expect(answers.every(({ status }) => status !== 0)).toBe(true);
  });

  it('is refused by both readers when it is cut off anywhere', () => {
    const cut = Array.from({ length: bytes.length }, (_, i) => bytes.slice(0, i));
    for (const part of cut) {
      expect(() => decodeDirectory(part)).toThrow(labError('merge-directory-malformed'));
    }
    const answers = ask(cut.map((directory) => ({ directory })));
    expect(answers).toHaveLength(bytes.length);
    expect(answers.every(({ status }) => status !== 0)).toBe(true);
  });

  const entry = (index: number, field: number): number => 64 + 128 * index + field;

  it.each([
    ['a later version', 8, 2],
    ['more flavours than anyone has', 10, 17],
    ['no flavours', 10, 0],
    ['more rules than anyone has', 12, 65],
    ['a base that is none', 14, 3],
    ['a default that is none', 16, 0xffff],
    ['a size beyond the file', 24, 0xffff],
    ['a nameless flavour', entry(0, 0), 0],
    ['a recipe in the directory itself', entry(0, 16), 4],
    ['a recipe beyond the end', entry(0, 20), 0xffff],
    ['a flavour without a recipe', entry(0, 20), 0],
    ['a base with a recipe', entry(2, 20), 1],
    ['more relocations than image', entry(0, 24), 0],
    ['a rule for no flavour', entry(3, 12), 3],
  ])('with a right checksum but %s is refused by both readers', (_what, at, value) => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    view.setUint16(at, value, true);
    if (at === entry(0, 24)) view.setUint16(at + 2, 0, true);
    view.setBigUint64(directoryField.checksum, 0n, true);
    const size = view.getUint32(directoryField.directorySize, true);
    view.setBigUint64(directoryField.checksum, fletcher64(copy.subarray(0, size)), true);
    expect(() => decodeDirectory(copy)).toThrow(labError('merge-directory-malformed'));
    expect(ask([{ directory: copy }])[0]!.status).not.toBe(0);
  });

  it('may not be carried by something that the lab does not know', () => {
    const copy = bytes.slice();
    const view = new DataView(copy.buffer);
    view.setUint16(18, 2, true);
    view.setBigUint64(directoryField.checksum, 0n, true);
    const size = view.getUint32(directoryField.directorySize, true);
    view.setBigUint64(directoryField.checksum, fletcher64(copy.subarray(0, size)), true);
    expect(() => decodeDirectory(copy)).toThrow(/nothing known carries it/);
  });

  it('may not name two flavours alike', () => {
    const twice: Directory = { ...threeFlavours(), flavours: [flavour('a'), flavour('a')] };
    twice.flavours[1]!.recipe = new Uint8Array();
    const encoded = encodeDirectory({ ...twice, base: 1, rules: [] });
    expect(() => decodeDirectory(encoded)).toThrow(/same name/);
  });
});
