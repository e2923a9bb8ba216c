import { describe, expect, it } from 'vitest';
import { alternative } from '../../../engine/patch/families/alternative.js';
import { callThunk } from '../../../engine/patch/families/call-thunk.js';
import { paravirt } from '../../../engine/patch/families/paravirt.js';
import { siteColumns } from '../../../engine/patch/families/site-rows.js';
import { smpLock } from '../../../engine/patch/families/smp-lock.js';
import { staticKey } from '../../../engine/patch/families/static-key.js';
import { rewrite } from '../../../engine/patch/patched-text.js';
import { argumentOperand, bootCalls } from '../../../engine/patch/settle/boot-calls.js';
import { settleTable } from '../../../engine/patch/settle/tables.js';
import type { PatchFamily } from '../../../engine/patch/types.js';
import { labError } from '../../support/lab-error.js';
import {
  alternativeTable,
  distance,
  distanceTable,
  paravirtTable,
  tableAt,
  tableKernel,
  textAt,
  type TableKernel,
} from '../../support/table-kernel.js';

const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString('hex');
const nop5 = '0f1f440000';

const callerAt = textAt + 0x300;
const names = {
  alternative_instructions: callerAt,
  behind_it: callerAt + 0x100,
  apply_paravirt: textAt + 0x900,
  apply_ibt_endbr: textAt + 0x910,
  apply_seal_endbr: textAt + 0x920,
};
const rows = [0, 1, 2, 3].map((i) => ({ site: textAt + 16 * i, type: i, size: 6 }));
const table = paravirtTable(rows);
const tableEnd = tableAt + table.length;

const call = (at: number, target: number): number[] => [0xe8, ...distance(at + 5, target)];
/** `mov $value,%rsi` and `lea value(%rip),%rsi`, seven bytes both. */
const move = (value: number): number[] => [0x48, 0xc7, 0xc6, ...distance(0, value)];
const lea = (at: number, value: number): number[] => [0x48, 0x8d, 0x35, ...distance(at + 7, value)];

/** alternative_instructions(): the second argument, the first, the call. */
function withCaller(second: readonly number[], more: readonly number[] = []): TableKernel {
  const first = [0x48, 0xc7, 0xc7, ...distance(0, tableAt)];
  const code = [...second, ...first];
  code.push(...call(callerAt + code.length, names.apply_paravirt), ...more, 0xc3);
  return { text: { 0x300: code }, tables: { '.parainstructions': table }, names };
}

const callAt = callerAt + 14;

describe('the calls that apply tables at boot', () => {
  it('are found by what they call', () => {
    const seals = [
      ...call(callAt + 5, names.apply_ibt_endbr),
      ...call(callAt + 10, names.apply_seal_endbr),
    ];
    const kernel = tableKernel(withCaller(move(tableEnd), seals));
    expect(bootCalls(kernel, 'paravirt')).toEqual([callAt]);
    expect(bootCalls(kernel, 'endbr')).toEqual([callAt + 5, callAt + 10]);
  });

  it('are no such calls behind the function, and are said to lack', () => {
    const kernel = tableKernel({
      ...withCaller(move(tableEnd)),
      names: { ...names, behind_it: callAt },
    });
    expect(() => bootCalls(kernel, 'paravirt')).toThrow(labError('patch-call-not-found'));
    expect(() => bootCalls(kernel, 'return')).toThrow(/no call of apply_returns\(\)/);
    const nameless = tableKernel({ ...withCaller([]), names: {} });
    expect(() => bootCalls(nameless, 'paravirt')).toThrow(labError('patch-no-name'));
  });

  it.each([
    ['an immediate', move(tableEnd), { field: callerAt + 3, relativeTo: null }],
    ['a distance', lea(callerAt, tableEnd), { field: callerAt + 3, relativeTo: callerAt + 7 }],
    ['another value', move(tableEnd + 16), undefined],
    // xor %esi,%esi: as long as the others with its no-op.
    ['no address', [0x31, 0xf6, 0x0f, 0x1f, 0x44, 0, 0], undefined],
    // jmp +0 in between: who knows from where one comes.
    ['code with a branch in it', [...move(tableEnd), 0xeb, 0x00], undefined],
  ])('tell where their second argument is: %s', (_what, second, found) => {
    const kernel = tableKernel(withCaller(second));
    const [at] = bootCalls(kernel, 'paravirt');
    expect(argumentOperand(kernel, at!, 'second', tableEnd)).toEqual(found);
  });
});

describe('settling a table', () => {
  /** Rows of a table, and what they are of: their sites do not matter. */
  const entries = (family: PatchFamily, count: number, size: number) => ({
    ...{ family, sites: siteColumns(count, tableAt, size) },
  });
  const paravirtEntries = entries(paravirt, 4, 16);

  function settled(request: TableKernel, left: readonly number[] = [], table = paravirtEntries) {
    const kernel = tableKernel(request);
    const text = rewrite(kernel);
    const result = settleTable(kernel, table, text, new Set(left));
    return { result, text, get: (at: number, size: number) => hex(text.get(at, size)) };
  }

  it('takes the call away, and what it would read', () => {
    const { result, text, get } = settled(withCaller(move(tableEnd)));
    expect(result).toEqual({ calls: 1, emptied: 64, kept: 0 });
    expect(get(callAt, 5)).toBe(nop5);
    expect(get(tableAt, 64)).toBe('00'.repeat(64));
    // The arguments are loaded as before.
    expect(get(callerAt, 14)).toBe(hex(text.kernel.sections[0]!.bytes.subarray(0x300, 0x30e)));
  });

  it.each([
    ['an immediate', move(tableEnd), (end: number) => move(end)],
    ['a distance', lea(callerAt, tableEnd), (end: number) => lea(callerAt, end)],
  ])('shortens it to what is left to the kernel: the end is %s', (_what, second, shorter) => {
    const { result, get } = settled(withCaller(second), [3, 1]);
    expect(result).toEqual({ calls: 0, emptied: 32, kept: 2 });
    expect(get(tableAt, 32)).toBe(hex(paravirtTable([rows[1]!, rows[3]!])));
    expect(get(tableAt + 32, 32)).toBe('00'.repeat(32));
    expect(get(callerAt, 7)).toBe(hex(shorter(tableAt + 32)));
    expect(get(callAt, 5)).toBe(hex(call(callAt, names.apply_paravirt)));
  });

  it('refuses to shorten where the end was not found, and writes nothing', () => {
    const kernel = tableKernel(withCaller(move(tableEnd + 16)));
    const text = rewrite(kernel);
    const settle = () => settleTable(kernel, paravirtEntries, text, new Set([0]));
    expect(settle).toThrow(labError('patch-table-stays'));
    expect(text.writes).toEqual([]);
  });

  /** alternative_instructions() with one call, of a function at the end of the code. */
  function callerOf(callee: string, end: readonly number[], section: string, bytes: Uint8Array) {
    const at = callerAt + end.length;
    return {
      text: { 0x300: [...end, ...call(at, textAt + 0x930), 0xc3] },
      names: { ...names, [callee]: textAt + 0x930 },
      tables: { [section]: bytes },
    };
  }

  it('corrects distances of the entries that it moves: alternatives', () => {
    const rows = [0, 1, 2].map((i) => ({
      ...{ site: textAt + 16 * i, replacement: textAt + 0x500 + i },
      ...{ size: 4, replacementSize: 2, feature: i },
    }));
    const bytes = alternativeTable(rows);
    const end = tableAt + bytes.length;
    const request = callerOf('apply_alternatives', move(end), '.altinstructions', bytes);
    const table = entries(alternative, 3, 12);
    Object.assign(table.sites, { layout: { entrySize: 12 } });
    const { result, get } = settled(request, [2], table);
    expect(result).toEqual({ calls: 0, emptied: 24, kept: 1 });
    expect(get(tableAt, 12)).toBe(hex(alternativeTable([rows[2]!])));
    expect(get(callerAt, 7)).toBe(hex(move(tableAt + 12)));
  });

  it('corrects them of lock prefixes, whose end is the fourth argument', () => {
    const sites = [0, 1, 2].map((i) => textAt + 16 * i);
    const bytes = distanceTable(sites);
    /** `mov $value,%rcx`. */
    const fourth = (value: number) => [0x48, 0xc7, 0xc1, ...distance(0, value)];
    const callee = 'alternatives_smp_module_add';
    const request = callerOf(callee, fourth(tableAt + 12), '.smp_locks', bytes);
    const { result, get } = settled(request, [1, 2], entries(smpLock, 3, 4));
    expect(result).toEqual({ calls: 0, emptied: 4, kept: 2 });
    expect(get(tableAt, 12)).toBe(`${hex(distanceTable(sites.slice(1)))}00000000`);
    expect(get(callerAt, 7)).toBe(hex(fourth(tableAt + 8)));
  });

  it('refuses to shorten a table whose end the call is not told', () => {
    const callee = 'callthunks_patch_builtin_calls';
    const request = callerOf(callee, [], '.call_sites', distanceTable([textAt]));
    expect(() => settled(request, [0], entries(callThunk, 1, 4))).toThrow(
      labError('patch-table-stays'),
    );
  });

  it('refuses paravirt calls that share a table with alternatives', () => {
    const table = entries(paravirt, 1, 12);
    Object.assign(table.sites, { alternatives: table.sites });
    expect(() => settled(withCaller(move(tableEnd)), [], table)).toThrow(
      labError('patch-calls-are-alternatives'),
    );
  });

  it('has nothing to do with tables that are applied in another way', () => {
    const kernel = tableKernel(withCaller(move(tableEnd)));
    expect(
      settleTable(kernel, entries(staticKey as PatchFamily, 1, 16), rewrite(kernel), new Set()),
    ).toBe(undefined);
  });
});
