import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LabError } from '../../engine/errors/index.js';
import { families } from '../../engine/patch/families/index.js';
import { rewrite } from '../../engine/patch/patched-text.js';
import { resolveSites } from '../../engine/patch/resolve.js';
import {
  alternativeTable,
  dataAt,
  distanceTable,
  paravirtTable,
  replacementAt,
  tableKernel,
  tableTarget,
  textAt,
} from '../support/table-kernel.js';

const sections = [
  ...['.parainstructions', '.altinstructions', '.retpoline_sites', '.return_sites'],
  ...['.call_sites', '.ibt_endbr_seal', '.smp_locks'],
];

const names = {
  __x86_indirect_thunk_array: textAt + 0x400,
  __x86_return_thunk: textAt + 0x800,
  _paravirt_nop: textAt + 0x700,
  nop_func: textAt + 0x700,
  BUG_func: textAt + 0x710,
  pv_ops: dataAt,
  pv_info: dataAt + 0x200,
  uniproc_patched: dataAt + 0x300,
};

const site = fc.integer({ min: textAt, max: textAt + 0xff0 });
const alternativeRow = fc.record({
  ...{ site, size: fc.integer({ min: 4, max: 40 }), feature: fc.nat({ max: 767 }) },
  ...{ replacement: fc.integer({ min: replacementAt, max: replacementAt + 60 }) },
  ...{ replacementSize: fc.integer({ min: 0, max: 4 }), not: fc.boolean() },
});

/** Tables as the assembler makes them, of few sites, so that they seldom overlap. */
const wellFormed = fc.oneof(
  fc.record({
    section: fc.constant('.altinstructions'),
    table: fc
      .tuple(fc.array(alternativeRow, { maxLength: 3 }), fc.constantFrom(12 as const, 14 as const))
      .map(([rows, layout]) => alternativeTable(rows, layout)),
  }),
  fc.record({
    section: fc.constantFrom(...sections.slice(2)),
    table: fc.array(site, { maxLength: 4 }).map(distanceTable),
  }),
  fc.record({
    section: fc.constant('.parainstructions'),
    table: fc
      .array(fc.record({ site, type: fc.nat({ max: 70 }), size: fc.constant(6) }), { maxLength: 3 })
      .map(paravirtTable),
  }),
);

/** The same with some bytes overwritten, and mere bytes. */
const damaged = fc
  .tuple(
    wellFormed,
    fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 255 })), { maxLength: 3 }),
  )
  .map(([{ section, table }, changes]) => {
    for (const [at, byte] of changes) if (at < table.length) table[at] = byte;
    return { section, table };
  });
const noise = fc.record({
  section: fc.constantFrom(...sections),
  table: fc.uint8Array({ maxLength: 200 }),
});

const hostile = fc.record({
  input: fc.oneof(wellFormed, damaged, noise),
  code: fc.uint8Array({ maxLength: 0x1000 }),
  version: fc.constantFrom('6.1.0', '6.12.0', '5.10.0', '7.0'),
  features: fc.array(fc.nat({ max: 767 }), { maxLength: 20 }),
  pointer: fc.integer({ min: -0x7f00_0000, max: 0 }),
});

it('reads and resolves any table without crashing: refusals are errors of the catalogue', () => {
  let resolved = 0;
  fc.assert(
    fc.property(hostile, ({ input: { section, table }, code, version, features, pointer }) => {
      const tables = { [section]: table };
      const kernel = tableKernel({ text: { 0: [...code] }, tables, names, version });
      const words = Object.fromEntries([...Array(64).keys()].map((i) => [dataAt + 8 * i, pointer]));
      const target = tableTarget(kernel, features, words);
      for (const family of families) {
        try {
          const sites = family.read(kernel);
          if (!sites) continue;
          for (let i = 0; i < sites.length; i++) family.describe(kernel, sites, i);
          resolveSites(target, { family, sites }, rewrite(kernel));
          resolved++;
        } catch (error) {
          if (!(error instanceof LabError)) throw error;
        }
      }
    }),
    { numRuns: 500 },
  );
  // Most are refused; that some are not shows that more than the first check was reached.
  expect(resolved).toBeGreaterThan(20);
});
