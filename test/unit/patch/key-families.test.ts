import { describe, expect, it } from 'vitest';
import { addressText } from '../../../engine/kernel/address.js';
import { ftrace } from '../../../engine/patch/families/ftrace.js';
import { runtimeConstant } from '../../../engine/patch/families/runtime-constant.js';
import { staticCall } from '../../../engine/patch/families/static-call.js';
import { staticKey } from '../../../engine/patch/families/static-key.js';
import { rewrite } from '../../../engine/patch/patched-text.js';
import { finalData, resolveSites } from '../../../engine/patch/resolve.js';
import type { PatchFamily } from '../../../engine/patch/types.js';
import { ByteWriter } from '../../support/elf-builder.js';
import { labError } from '../../support/lab-error.js';
import {
  dataAt,
  distance,
  distanceTable,
  tableAt,
  tableKernel,
  tableTarget,
  textAt,
  type TableKernel,
} from '../../support/table-kernel.js';

const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString('hex');

/** Words of memory after boot, by address. */
type Words = Readonly<Record<number, number>>;

function resolved(family: PatchFamily, request: TableKernel, words: Words = {}, allLeft = false) {
  const kernel = tableKernel(request);
  const text = rewrite(kernel);
  const target = tableTarget(kernel, [], words);
  const table = { family, sites: family.read(kernel)! };
  const left = new Set(allLeft ? table.sites.address.keys() : []);
  resolveSites(target, table, text, left);
  const data = finalData(kernel, target, table, left);
  return { text: (at: number, size: number) => hex(text.get(textAt + at, size)), data, kernel };
}

const nop5 = '0f1f440000';
const key = dataAt + 0x40;

/** `__jump_table`: code, target, key and its low bits. */
function jumpTable(rows: readonly [code: number, target: number, key: number][]): Uint8Array {
  const table = new ByteWriter();
  rows.forEach(([code, target, of], i) => {
    const here = tableAt + 16 * i;
    table.uint(code - here, 4).uint(target - here - 4, 4);
    table.uint(BigInt.asUintN(64, BigInt(of - here - 8)), 8);
  });
  return table.done();
}

describe('static keys', () => {
  const jump = [0xe9, ...distance(textAt + 5, textAt + 0x200)];
  const likely = 1;
  const kernel = (bytes: number[], low = 0): TableKernel => ({
    text: { 0: bytes },
    tables: {
      __jump_table: jumpTable([[textAt, textAt + (bytes.length > 2 ? 0x200 : 0x10), key + low]]),
    },
    names: { my_key: key },
  });

  it.each([
    ['unlikely, disabled', 0, 0, nop5],
    ['unlikely, enabled', 0, 1, hex(jump)],
    ['unlikely, enabled thrice', 0, 3, hex(jump)],
    ['unlikely, being enabled', 0, -1, hex(jump)],
    ['likely, disabled', likely, 0, hex(jump)],
    ['likely, enabled', likely, 1, nop5],
  ])('are a jump or a NOP by jump_label_type(): %s', (_, low, enabled, after) => {
    for (const before of [jump, [0x0f, 0x1f, 0x44, 0, 0]]) {
      expect(resolved(staticKey, kernel(before, low), { [key]: enabled }).text(0, 5)).toBe(after);
    }
  });

  it('keep the two bytes that the assembler chose', () => {
    expect(resolved(staticKey, kernel([0x66, 0x90]), { [key]: 1 }).text(0, 2)).toBe('eb0e');
    expect(resolved(staticKey, kernel([0xeb, 0x0e])).text(0, 2)).toBe('6690');
  });

  it('tell which key must begin with its last value', () => {
    const { data } = resolved(staticKey, kernel(jump), { [key]: 3 });
    expect(data).toEqual([
      {
        ...{ subject: 'my_key', address: key, what: 'static_key.enabled', inFile: true },
        bytes: Uint8Array.of(1, 0, 0, 0),
      },
    ]);
    expect(resolved(staticKey, kernel(jump)).data).toEqual([]);
  });

  it('are left alone by name', () => {
    const { text, data } = resolved(staticKey, kernel([0x66, 0x90]), { [key]: 1 }, true);
    expect({ bytes: text(0, 2), data }).toEqual({ bytes: '6690', data: [] });
  });

  it('are found by the operands of jump_label_init() where data has no names', () => {
    const table = jumpTable([[textAt, textAt + 0x200, key]]);
    const immediate = (address: number): number[] => [0x48, 0xc7, 0xc7, ...distance(0, address)];
    // Another operand lies where no entry is.
    const walker = [...immediate(tableAt), ...immediate(dataAt), ...immediate(tableAt + 16), 0xc3];
    const named = {
      text: { 0: jump, 0x800: walker },
      tables: { '.rodata': Uint8Array.from([...table, ...new Array<number>(32).fill(0)]) },
      names: { jump_label_init: textAt + 0x800 },
    };
    const sites = staticKey.read(tableKernel(named))!;
    expect([...sites.address]).toEqual([textAt]);
    const lost = { ...named, text: { 0: jump } };
    expect(() => staticKey.read(tableKernel(lost))).toThrow(labError('patch-table-unknown'));
  });

  it.each<[string, TableKernel, string, string]>([
    [
      'a site outside of the code',
      { tables: { __jump_table: jumpTable([[dataAt, textAt, key]]) } },
      'patch-table-malformed',
      addressText(dataAt),
    ],
    [
      'a key that is code',
      { text: { 0: jump }, tables: { __jump_table: jumpTable([[textAt, textAt, textAt + 0x40]]) } },
      'patch-table-malformed',
      addressText(tableAt),
    ],
    [
      'half an entry',
      { tables: { __jump_table: jumpTable([[textAt, textAt, key]]).subarray(0, 8) } },
      'patch-table-malformed',
      '8 of 16 bytes',
    ],
    [
      'a jump that leads elsewhere',
      { ...kernel(jump), tables: { __jump_table: jumpTable([[textAt, textAt + 0x300, key]]) } },
      'patch-shape-unknown',
      addressText(textAt),
    ],
    [
      'two entries of one site',
      {
        text: { 0: jump },
        tables: {
          __jump_table: jumpTable([
            [textAt, textAt + 0x200, key],
            [textAt, textAt + 0x200, key],
          ]),
        },
      },
      'patch-table-malformed',
      'overlaps',
    ],
  ])('refuse %s', (_, request, code, says) => {
    const message = expect.stringContaining(says) as string;
    expect(() => staticKey.read(tableKernel(request))).toThrow(labError(code, { message }));
  });
});

describe('static calls', () => {
  const trampoline = textAt + 0x400;
  const callee = textAt + 0x600;
  const zero = textAt + 0x700;
  const names = { __SCT__work: trampoline, __SCK__work: key, __static_call_return0: zero };
  const site = (opcode: number[]): number[] => [
    ...opcode,
    ...distance(textAt + opcode.length + 4, trampoline),
  ];
  const branch = (opcode: number[], from: number, to: number): string =>
    hex([...opcode, ...distance(from + opcode.length + 4, to)]);
  const tail = 1;
  /** The trampoline of DEFINE_STATIC_CALL_NULL without CONFIG_RETHUNK. */
  const nullTrampoline = [0xc3, 0xcc, 0x90, 0x90, 0x90, 0x0f, 0xb9, 0xcc];
  const kernel = (opcode: number[], low = 0): TableKernel => ({
    text: { 0: site(opcode), 0x400: nullTrampoline },
    tables: { '.static_call_sites': distanceTable([textAt, key + low]) },
    names,
  });

  it('become direct, a NOP, or "return 0"', () => {
    const call = kernel([0xe8]);
    expect(resolved(staticCall, call, { [key]: callee }).text(0, 5)).toBe(
      branch([0xe8], textAt, callee),
    );
    expect(resolved(staticCall, call).text(0, 5)).toBe(nop5);
    expect(resolved(staticCall, call, { [key]: zero }).text(0, 5)).toBe('2e2e2e31c0');
    const older = { ...call, version: '5.15.1' };
    expect(resolved(staticCall, older, { [key]: zero }).text(0, 5)).toBe('66664831c0');
  });

  it('become a jump or a return at the end of a function', () => {
    const last = kernel([0xe9], tail);
    expect(resolved(staticCall, last, { [key]: callee }).text(0, 5)).toBe(
      branch([0xe9], textAt, callee),
    );
    expect(resolved(staticCall, last).text(0, 5)).toBe('c3cccccccc');
  });

  it('keep the condition of a jump', () => {
    const conditional = kernel([0x0f, 0x84], tail);
    const to = resolved(staticCall, conditional, { [key]: callee });
    expect(to.text(0, 6)).toBe(branch([0x0f, 0x84], textAt, callee));
  });

  it('rewrite the trampoline when the function is another one, and only then', () => {
    const updated = resolved(staticCall, kernel([0xe8]), { [key]: callee });
    expect(updated.text(0x400, 8)).toBe(`${branch([0xe9], trampoline, callee)}0fb9cc`);
    expect(resolved(staticCall, kernel([0xe8])).text(0x400, 8)).toBe(hex(nullTrampoline));
  });

  it('tell which key must begin with its last function, by name', () => {
    const { data } = resolved(staticCall, kernel([0xe8]), { [key]: callee });
    expect(data).toMatchObject([{ subject: 'work', address: key, what: 'static_call_key.func' }]);
    expect(hex(data[0]!.bytes)).toBe(`${hex(distance(0, callee))}ffffffff`);
    const left = resolved(staticCall, kernel([0xe8]), { [key]: callee }, true);
    expect(left.text(0, 5)).toBe(hex(site([0xe8])));
    expect(left.data).toEqual([]);
  });

  it('refuse what calls no trampoline, and a function that is none', () => {
    const direct = { ...kernel([0xe8]), text: { 0: site([0xe8]) } };
    expect(() => staticCall.read(tableKernel(direct))).toThrow(labError('patch-shape-unknown'));
    const jumps = kernel([0xe9]);
    expect(() => staticCall.read(tableKernel(jumps))).toThrow(labError('patch-shape-unknown'));
    const nowhere = (): unknown => resolved(staticCall, kernel([0xe8]), { [key]: dataAt });
    expect(nowhere).toThrow(labError('patch-shape-unknown'));
  });
});

describe('ftrace sites', () => {
  const fentry = textAt + 0x500;
  const kernel = (bytes: number[]): TableKernel => ({
    text: { 0: bytes },
    tables: {
      __mcount_loc: new ByteWriter().uint(BigInt.asUintN(64, BigInt(textAt)), 8).done(),
    },
    names: { __fentry__: fentry },
  });

  it('are NOPs after boot, whoever put them there', () => {
    for (const before of [
      [0xe8, ...distance(textAt + 5, fentry)],
      [0x0f, 0x1f, 0x44, 0, 0],
    ]) {
      expect(resolved(ftrace, kernel(before)).text(0, 5)).toBe(nop5);
    }
  });

  it('leave out the NULLs that the linker pads with', () => {
    const call = kernel([0xe8, ...distance(textAt + 5, fentry)]);
    const padded = Uint8Array.from([
      ...new Array<number>(8).fill(0),
      ...call.tables!['__mcount_loc']!,
    ]);
    const sites = ftrace.read(tableKernel({ ...call, tables: { __mcount_loc: padded } }))!;
    expect([sites.length, sites.address[0], sites.entry[0]]).toEqual([1, textAt, tableAt + 8]);
  });

  it('are refused where they call something else', () => {
    const other = kernel([0xe8, ...distance(textAt + 5, fentry + 1)]);
    expect(() => ftrace.read(tableKernel(other))).toThrow(labError('patch-shape-unknown'));
  });
});

describe('runtime constants', () => {
  const variable = dataAt + 0x80;
  const value = 0x1234_5678_9a;
  const movabs = [0x48, 0xb8, ...new Array<number>(8).fill(0x11)];

  it('hold the variable: 8 bytes of a movabs, 1 of a shift', () => {
    const pointer = {
      text: { 0: movabs },
      tables: { runtime_ptr_table: distanceTable([textAt + 2]) },
      names: { table: variable },
    };
    const set = resolved(runtimeConstant, pointer, { [variable]: value });
    expect(set.text(0, 10)).toBe('48b89a78563412000000');
    const shift = {
      text: { 0: [0xc1, 0xe8, 0x0c] },
      tables: { runtime_shift_bits: distanceTable([textAt + 2]) },
      names: { bits: variable },
    };
    expect(resolved(runtimeConstant, shift, { [variable]: 21 }).text(0, 3)).toBe('c1e815');
  });

  it('are refused in another instruction, and without a name', () => {
    const request = {
      text: { 0: movabs },
      tables: { runtime_ptr_table: distanceTable([textAt + 2]) },
    };
    expect(() => resolved(runtimeConstant, request)).toThrow(labError('patch-table-unknown'));
    const other = { ...request, text: { 0: [0x48, 0x8b, ...movabs.slice(2)] } };
    expect(() => runtimeConstant.read(tableKernel(other))).toThrow(labError('patch-shape-unknown'));
  });
});
