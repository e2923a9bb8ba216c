import { describe, expect, it } from 'vitest';
import { attribute, type FamilySites } from '../../../engine/patch/observe/index.js';
import {
  constantsStart,
  initStart,
  memoryOf,
  siteTable,
  smallKernel,
  textStart,
} from '../../support/small-kernel.js';

const table = constantsStart + 0x8000;

const families: FamilySites[] = [
  {
    family: 'paravirt',
    sites: siteTable([
      { address: textStart + 0x100, size: 20, entry: table },
      { address: textStart + 0x200, size: 6, entry: table + 16 },
      { address: textStart + 0x300, size: 6, entry: table + 32 },
    ]),
  },
  {
    family: 'alternative',
    sites: siteTable([
      { address: textStart + 0x104, size: 4, entry: initStart },
      { address: textStart + 0x200, size: 6, entry: initStart + 14 },
    ]),
  },
];

/** Attributes what is different after these bytes of the image were changed. */
function changed(names: Record<string, number>, ...addresses: number[]) {
  const { kernel, image } = smallKernel(names);
  for (const address of addresses) image[address - textStart]! ^= 0xff;
  return attribute(kernel, memoryOf(image), families);
}

const range = (start: number, length: number) => Array.from({ length }, (_, i) => start + i);

describe('attributing changes', () => {
  it('finds none where there are none', () => {
    const { text, constants, families: found, owners, unexplained, freed } = changed({});
    expect(text).toEqual({ size: 0x1800, changed: 0 });
    expect(constants).toEqual({ size: 0x40000, changed: 0 });
    expect(found.map(({ sites, changed: sitesChanged }) => [sites, sitesChanged])).toEqual([
      [3, 0],
      [2, 0],
    ]);
    expect([owners, unexplained]).toEqual([[], []]);
    expect(freed).toBe(0x1000);
  });

  it('gives each byte to the narrowest site, and of equal ones to the later family', () => {
    const { families: found, unexplained } = changed(
      {},
      ...range(textStart + 0x100, 20),
      ...range(textStart + 0x200, 6),
    );
    expect(found).toEqual([
      { family: 'paravirt', sites: 3, changed: 1, changedBytes: 16 },
      { family: 'alternative', sites: 2, changed: 2, changedBytes: 10 },
    ]);
    expect(unexplained).toEqual([]);
  });

  it('lists what is no site, cut off where a site begins, with its function', () => {
    const { unexplained, families: found } = changed(
      { one: textStart + 0x80, two: textStart + 0x280 },
      ...range(textStart + 0x2fe, 10),
    );
    expect(unexplained.map(({ place, address, file }) => [place, address, file.length])).toEqual([
      ['two+0x7e', textStart + 0x2fe, 2],
      ['two+0x86', textStart + 0x306, 2],
    ]);
    expect(unexplained[0]!.memory).toEqual(unexplained[0]!.file.map((byte) => byte ^ 0xff));
    expect(found[0]).toMatchObject({ changed: 1, changedBytes: 6 });
  });

  it('knows a place that the kernel rewrites by name', () => {
    const { direct, unexplained } = changed(
      { early_xen_iret_patch: textStart + 0x500 },
      ...range(textStart + 0x501, 4),
    );
    expect(direct).toMatchObject([
      { write: { writer: 'xen_start_kernel', size: 5 }, changedBytes: 4 },
    ]);
    expect(unexplained).toEqual([]);
  });

  it('tells tables, variables that are read-only after init, and other constants apart', () => {
    const names = {
      a_table_of_constants: constantsStart + 0x1000,
      __start_ro_after_init: constantsStart + 0x7000,
      some_variable: constantsStart + 0x7100,
      __end_ro_after_init: constantsStart + 0x9000,
    };
    const { owners, unexplained, constants } = changed(
      names,
      ...range(table + 30, 4),
      ...range(constantsStart + 0x7100, 3),
      ...range(constantsStart + 0x1008, 2),
    );
    expect(owners).toEqual([
      { owner: { kind: 'table', name: 'paravirt' }, changedBytes: 4 },
      { owner: { kind: 'ro-after-init', name: 'some_variable' }, changedBytes: 3 },
      { owner: { kind: 'constant', name: 'a_table_of_constants' }, changedBytes: 2 },
    ]);
    expect(unexplained).toMatchObject([{ in: 'constants', place: 'a_table_of_constants+0x8' }]);
    expect(constants.changed).toBe(9);
  });

  it('says so where there are no names of data', () => {
    const { owners, unexplained } = changed({}, constantsStart + 0x7100);
    expect(owners).toEqual([{ owner: { kind: 'unnamed', name: '' }, changedBytes: 1 }]);
    expect(unexplained).toEqual([]);
  });

  it('leaves out what is freed, and what is behind the text', () => {
    const { text, constants } = changed({}, initStart + 5, textStart + 0x1900);
    expect([text.changed, constants.changed]).toEqual([0, 0]);
  });
});
