import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LabError } from '../../engine/errors/index.js';
import { families } from '../../engine/patch/families/index.js';
import { functionViews } from '../../engine/patch/listing/function-view.js';
import { siteRows } from '../../engine/patch/listing/report.js';
import { listSites } from '../../engine/patch/listing/site-list.js';
import { rewrite } from '../../engine/patch/patched-text.js';
import { resolveSites } from '../../engine/patch/resolve.js';
import { ByteWriter } from '../support/elf-builder.js';
import {
  dataAt,
  distance,
  distanceTable,
  tableAt,
  tableKernel,
  tableTarget,
  textAt,
} from '../support/table-kernel.js';

/** Sections of the families that follow variables. */
const sections = [
  '__jump_table',
  '.static_call_sites',
  '__mcount_loc',
  'runtime_ptr_table',
  'runtime_shift_bits',
];

const trampoline = textAt + 0x400;
const names = {
  ...{ work: textAt, __SCT__work: trampoline, __SCK__work: dataAt + 0x40 },
  ...{ __fentry__: textAt + 0x500, table: dataAt, bits: dataAt + 8 },
};

/** One site of each kind, at the start of the code. */
const text = {
  0: [0xe9, ...distance(textAt + 5, textAt + 0x200)],
  0x10: [0xe8, ...distance(textAt + 0x15, trampoline)],
  0x20: [0xe8, ...distance(textAt + 0x25, textAt + 0x500)],
  0x30: [0x48, 0xb8, ...new Array<number>(8).fill(0)],
  0x400: [0xc3, 0xcc, 0x90, 0x90, 0x90, 0x0f, 0xb9, 0xcc],
};

const wellFormed: Readonly<Record<string, Uint8Array>> = {
  __jump_table: new ByteWriter()
    .uint(textAt - tableAt, 4)
    .uint(textAt + 0x200 - tableAt - 4, 4)
    .uint(BigInt.asUintN(64, BigInt(dataAt - tableAt - 8)), 8)
    .done(),
  '.static_call_sites': distanceTable([textAt + 0x10, dataAt + 0x40]),
  __mcount_loc: new ByteWriter().uint(BigInt.asUintN(64, BigInt(textAt + 0x20)), 8).done(),
  runtime_ptr_table: distanceTable([textAt + 0x32]),
  runtime_shift_bits: distanceTable([textAt + 0x32]),
};

const change = fc.tuple(fc.nat(), fc.nat(255));
const damaged = fc.constantFrom(...sections).chain((section) =>
  fc
    .tuple(fc.array(change, { maxLength: 4 }), fc.constantFrom(0, 0, 0, 1, 4, 8, 16))
    .map(([changes, cut]): [string, Uint8Array] => {
      const bytes = Uint8Array.from(wellFormed[section]!);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return [section, bytes.subarray(0, Math.max(1, bytes.length - cut))];
    }),
);
const noise = fc.tuple(
  fc.constantFrom(...sections),
  fc.uint8Array({ minLength: 1, maxLength: 64 }),
);
/** Undamaged, so that something surely is read to its end. */
const whole = fc
  .constantFrom(...sections)
  .map((section): [string, Uint8Array] => [section, Uint8Array.from(wellFormed[section]!)]);
/** The site's code itself may be damaged too. */
const code = fc.oneof(
  fc.constant({}),
  fc.dictionary(fc.nat({ max: 0x40 }).map(String), fc.array(fc.nat(255), { maxLength: 4 }), {
    maxKeys: 1,
  }),
);

it('damaged tables of keys and calls are read, resolved and listed, or refused by the catalogue', () => {
  let understood = 0;
  fc.assert(
    fc.property(fc.oneof(damaged, noise, whole), code, fc.nat(), ([section, table], more, word) => {
      const kernel = tableKernel({
        text: { ...text, ...more },
        names,
        tables: { [section]: table },
      });
      const target = tableTarget(kernel, [], { [dataAt + 0x40]: word });
      try {
        const list = listSites({ kernel });
        expect(siteRows(list)).toHaveLength(list.length);
        functionViews(list, 'work');
        for (const family of families) {
          const sites = family.read(kernel);
          if (!sites) continue;
          family.finalData?.(kernel, target, sites);
          resolveSites(target, { family, sites }, rewrite(kernel));
          understood++;
        }
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
  // Not all is refused.
  expect(understood).toBeGreaterThan(20);
});
