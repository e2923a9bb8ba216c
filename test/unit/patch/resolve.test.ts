import { describe, expect, it } from 'vitest';
import { addressText } from '../../../engine/kernel/address.js';
import { families } from '../../../engine/patch/families/index.js';
import { readTables, resolveKernel, type ResolveRequest } from '../../../engine/patch/resolve.js';
import type { ProgressEvent } from '../../../engine/progress.js';
import { labError } from '../../support/lab-error.js';
import {
  alternativeTable,
  dataAt,
  distance,
  initAt,
  paravirtTable,
  tableKernel,
  tableTarget,
  textAt,
  type CraftedAlternative,
} from '../../support/table-kernel.js';

const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString('hex');

/** X86_FEATURE_ALWAYS, which every target of these tests has. */
const always = 3 * 32 + 21;
const slot = dataAt + 8 * 3;
const callerAt = textAt + 0x300;
const names = {
  caller: textAt,
  other: textAt + 0x10,
  pv_ops: dataAt,
  pv_info: dataAt + 80,
  _paravirt_nop: textAt + 0x700,
  paravirt_BUG: textAt + 0x710,
  native_write_cr4: textAt + 0x720,
  apply_paravirt: textAt + 0x730,
  alternative_instructions: callerAt,
  behind_it: callerAt + 0x20,
};

const call = [0xff, 0x15, ...distance(textAt + 6, slot)];
const direct = [0xe8, ...distance(textAt + 5, names.native_write_cr4), 0x90];
const caller = [
  ...[0xe8, ...distance(callerAt + 5, names.apply_paravirt)],
  ...[0xe8, ...distance(callerAt + 10, initAt)],
  0xc3,
];

const differing = (a: number[], b: number[]): number => a.filter((byte, i) => byte !== b[i]).length;

/** A kernel with a paravirt call in front, and an alternative somewhere. */
function kernelWith(row: Partial<CraftedAlternative> = {}, paravirtSite = textAt) {
  const alternative = { site: textAt + 0x20, size: 2, replacementSize: 2, feature: always, ...row };
  const kernel = tableKernel({
    ...{ names, replacement: [0x31, 0xc0] },
    text: { 0: call, 0x20: [0x31, 0xdb], 0x300: caller },
    tables: {
      '.altinstructions': alternativeTable([alternative]),
      '.parainstructions': paravirtTable([{ site: paravirtSite, type: 3, size: 6 }]),
    },
  });
  return { kernel, target: tableTarget(kernel, [], { [slot]: names.native_write_cr4 }) };
}

function resolved(row: Partial<CraftedAlternative>, request: ResolveRequest) {
  const { kernel, target } = kernelWith(row);
  const { rewritten, families: done } = resolveKernel(kernel, target, request);
  return { done, text: (at: number, size: number) => hex(rewritten.get(at, size)) };
}

describe('resolving a kernel', () => {
  it('goes through families in the order of the kernel, with what each changed', () => {
    const { kernel } = kernelWith();
    const order = readTables(kernel).map(({ family }) => family.name);
    expect(order).toEqual(['paravirt', 'alternative']);
    expect(families.map(({ name }) => name).slice(2)).toEqual([
      ...['paravirt', 'retpoline', 'return', 'alternative', 'call-thunk', 'endbr', 'smp-lock'],
      ...['static-call', 'static-key'],
    ]);
    const { done, text } = resolved({}, {});
    expect(text(textAt, 6)).toBe(hex(direct));
    expect(text(textAt + 0x20, 2)).toBe('31c0');
    expect(text(callerAt, 11)).toBe(`${'0f1f440000'.repeat(2)}c3`);
    const facts = { sites: 1, changed: 1, initial: [], left: [], leftBecause: null };
    expect(done).toEqual([
      {
        family: 'paravirt',
        ...facts,
        changedBytes: differing(call, direct),
        settled: expect.anything() as unknown,
      },
      { family: 'alternative', ...facts, changedBytes: 1, settled: expect.anything() as unknown },
    ]);
    expect(done[0]!.settled).toEqual({ calls: 1, emptied: 16, kept: 0 });
  });

  it('leaves tables and calls alone when it is told to', () => {
    const { done, text } = resolved({}, { keepTables: true });
    expect(text(textAt, 6)).toBe(hex(direct));
    expect(text(callerAt, 11)).toBe(hex(caller));
    expect(done.map(({ settled }) => settled)).toEqual([null, null]);
  });

  describe('in part', () => {
    const over = { site: textAt, size: 6, replacementSize: 2 };

    it.each([[['paravirt']], [['alternative']]] as const)('is possible apart: %j', (chosen) => {
      const { done } = resolved({}, { families: [...chosen] });
      expect(done.map(({ family }) => family)).toEqual(chosen);
    });

    it('leaves to the kernel what it would apply later anyway', () => {
      const { text } = resolved(over, { families: ['paravirt'] });
      expect(text(textAt, 6)).toBe(hex(direct));
      // The alternative is still there, and will be applied to what it finds then.
      expect(text(callerAt + 5, 5)).toBe(hex(caller.slice(5, 10)));
    });

    it.each([
      ['the same bytes', over],
      ['the last byte', { ...over, site: textAt + 5, size: 2 }],
    ])('refuses what would be applied too early, as it shares %s', (_what, row) => {
      const refused = () => resolved(row, { families: ['alternative'] });
      expect(refused).toThrow(labError('patch-family-order'));
      expect(refused).toThrow(new RegExp(`paravirt sites .*${addressText(row.site)}`));
    });

    it('allows a site behind the last byte', () => {
      const row = { ...over, site: textAt + 6, size: 2 };
      expect(resolved(row, { families: ['alternative'] }).done).toHaveLength(1);
    });
  });

  describe('but for what is left to the kernel', () => {
    const over = { site: textAt, size: 6, replacementSize: 2 };
    const second = [0x48, 0xc7, 0xc6];

    /** The caller with the ends of both tables as arguments, which are shortened. */
    function left(row: Partial<CraftedAlternative>, except: string[]) {
      const { kernel, target } = kernelWith(row);
      const end = (name: string): number => {
        const { start, size } = kernel.sections.find((section) => section.name === name)!;
        return start + size;
      };
      const code = [
        ...[...second, ...distance(0, end('.parainstructions'))],
        ...[0xe8, ...distance(callerAt + 12, names.apply_paravirt)],
        ...[...second, ...distance(0, end('.altinstructions'))],
        ...[0xe8, ...distance(callerAt + 24, initAt), 0xc3],
      ];
      kernel.sections[0]!.bytes.set(code, 0x300);
      const done = resolveKernel(kernel, target, { except: new Set(except) });
      return { ...done, text: (at: number, size: number) => hex(done.rewritten.get(at, size)) };
    }

    it.each([
      ['member of pv_ops', 'pv_ops.x'],
      ['function', 'caller'],
      ['address', addressText(textAt)],
    ])('by the name of its %s', (what, word) => {
      const { kernel } = kernelWith();
      const [table] = readTables(kernel);
      const subject = table!.family.describe(kernel, table!.sites, 0);
      const result = left({}, [what === 'member of pv_ops' ? subject : word]);
      expect(result.text(textAt, 6)).toBe(hex(call));
      expect(result.families.map((one) => one.left)).toEqual([[subject], []]);
      expect(result.families[0]!.settled).toMatchObject({ calls: 0, kept: 1 });
      expect([textAt, textAt + 5, textAt + 6].map(result.isLeft)).toEqual([true, true, false]);
    });

    it('with what the kernel would apply to the same bytes later', () => {
      const result = left(over, [addressText(textAt)]);
      expect(result.text(textAt, 6)).toBe(hex(call));
      expect(result.families.map(({ settled }) => settled?.kept)).toEqual([1, 1]);
    });

    it('and not by a name that no site has', () => {
      expect(() => left({}, ['nobody'])).toThrow(labError('patch-except-unknown'));
    });

    it('and tells of the bytes of families that were not asked for', () => {
      const { kernel, target } = kernelWith();
      const { isLeft } = resolveKernel(kernel, target, { families: ['paravirt'] });
      expect([textAt, textAt + 0x20, textAt + 0x21, textAt + 0x22].map(isLeft)).toEqual([
        ...[false, true, true, false],
      ]);
    });
  });

  it.each([
    ['outside of the kernel', textAt - 0x10_0000],
    ['in data', dataAt],
    ['that runs over the end of the code', textAt + 0xffd],
  ])('refuses a table with a site %s, with the address of the entry', (_what, site) => {
    const { kernel, target } = kernelWith({}, site);
    const entry = addressText(
      kernel.sections.find(({ name }) => name === '.parainstructions')!.start,
    );
    const requests: ResolveRequest[] = [{}, { keepTables: true }, { families: ['alternative'] }];
    for (const request of requests) {
      const refused = () => resolveKernel(kernel, target, request);
      expect(refused).toThrow(labError('patch-table-malformed'));
      expect(refused).toThrow(new RegExp(`${entry}: .* outside of the code`));
    }
  });

  it('tells of every family, and ends when it is cancelled', () => {
    const { kernel, target } = kernelWith();
    const events: ProgressEvent[] = [];
    resolveKernel(kernel, target, {}, { onProgress: (event) => events.push(event) });
    expect(events.map((event) => (event.kind === 'step' ? event.detail : event))).toEqual([
      ...['paravirt', 'alternative'],
    ]);
    expect(() => resolveKernel(kernel, target, {}, { signal: AbortSignal.abort() })).toThrow(
      labError('cancelled'),
    );
  });
});
