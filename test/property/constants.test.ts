import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { iced, withDecoder } from '../../engine/kernel/iced.js';
import { immediateFor, type Replacement } from '../../engine/patch/constants/immediate.js';
import { hostPlaces, immediateHost, type HostCase } from '../support/immediate-host.js';

const { code, target, variable } = hostPlaces;
const execute = immediateHost();

/** Opcodes with a memory operand, with the bytes they read for operands of 16, 32 and 64 bits. */
interface Opcode {
  opcode: readonly number[];
  /** 1: always a byte. */
  reads: 'operand' | 1 | 2 | 4 | 8;
  /** ModRM.reg is part of the opcode. */
  extension?: number;
  immediate?: 1 | 'operand';
}

const perOperation = [0, 1, 2, 3, 4, 5, 6, 7];
const opcodes: readonly Opcode[] = [
  { opcode: [0x8a], reads: 1 },
  { opcode: [0x8b], reads: 'operand' },
  { opcode: [0x0f, 0xb6], reads: 1 },
  { opcode: [0x0f, 0xb7], reads: 2 },
  { opcode: [0x0f, 0xbe], reads: 1 },
  { opcode: [0x0f, 0xbf], reads: 2 },
  { opcode: [0x63], reads: 4 },
  ...perOperation.map((n): Opcode => ({ opcode: [8 * n + 2], reads: 1 })),
  ...perOperation.map((n): Opcode => ({ opcode: [8 * n + 3], reads: 'operand' })),
  { opcode: [0x84], reads: 1 },
  { opcode: [0x85], reads: 'operand' },
  { opcode: [0x38], reads: 1 },
  { opcode: [0x39], reads: 'operand' },
  { opcode: [0x0f, 0xaf], reads: 'operand' },
  { opcode: [0x80], reads: 1, extension: 7, immediate: 1 },
  { opcode: [0x81], reads: 'operand', extension: 7, immediate: 'operand' },
  { opcode: [0x83], reads: 'operand', extension: 7, immediate: 1 },
  { opcode: [0xf6], reads: 1, extension: 0, immediate: 1 },
  { opcode: [0xf7], reads: 'operand', extension: 0, immediate: 'operand' },
  { opcode: [0xff], reads: 8, extension: 2 },
  { opcode: [0xff], reads: 8, extension: 4 },
  { opcode: [0xff], reads: 8, extension: 6 },
];

interface Sample {
  bytes: Uint8Array;
  reads: number;
  value: bigint;
}

/** Values at which the width of an immediate, its sign, and flags change. */
const edges = [0n, 1n, -1n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0x7fffffffn, 0x80000000n];
const moreEdges = [0xffffffffn, 0x100000000n, -0x80000000n, -0x80000001n, 1n << 63n];

const sample: fc.Arbitrary<Sample> = fc
  .record({
    what: fc.constantFrom(...opcodes),
    prefix: fc.boolean(),
    rex: fc.constantFrom(0, 0x40, 0x44, 0x48, 0x4c),
    register: fc.integer({ min: 0, max: 7 }),
    absolute: fc.boolean(),
    immediate: fc.oneof(fc.constantFrom(0, 1, -1, 2, 0x7f), fc.integer()),
    value: fc.oneof(
      fc.constantFrom(...edges, ...moreEdges),
      fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    ),
    equal: fc.boolean(),
  })
  .map(({ what, prefix, rex, register, absolute, immediate, value, equal }) => {
    const isTransfer = what.opcode[0] === 0xff;
    const operand = (rex & 8) !== 0 ? 8 : prefix ? 2 : 4;
    const reads = what.reads === 'operand' ? operand : what.reads;
    const size = what.immediate === 'operand' ? Math.min(operand, 4) : (what.immediate ?? 0);
    const held = isTransfer && what.extension !== 6 ? BigInt(target) : value;
    const tail = Buffer.alloc(8);
    tail.writeBigInt64LE(BigInt.asIntN(64, equal ? held : BigInt(immediate)));
    // %rsp stays what it is: the program's stack is there.
    const reg = what.extension ?? (register === 4 && (rex & 4) === 0 ? 0 : register);
    const head = [
      ...(prefix && !isTransfer && what.opcode[0] !== 0x63 ? [0x66] : []),
      ...(rex === 0 ? [] : [isTransfer ? rex & ~8 : rex]),
      ...what.opcode,
      ...(absolute ? [(reg << 3) | 4, 0x25] : [(reg << 3) | 5]),
    ];
    const end = code + head.length + 4 + size;
    const displacement = Buffer.alloc(4);
    displacement.writeInt32LE(absolute ? variable : variable - end);
    const bytes = Uint8Array.from([...head, ...displacement, ...tail.subarray(0, size)]);
    return { bytes, reads, value: held };
  });

const range = { start: code & ~0xfff, end: (code & ~0xfff) + 0x1000 };

function replace({ bytes, reads, value }: Sample): Replacement {
  const memory = Buffer.alloc(8);
  memory.writeBigUInt64LE(BigInt.asUintN(64, value));
  return immediateFor({
    ...{ bytes, address: code, value: memory.subarray(0, reads), image: range, text: range },
  });
}

/** What the manual leaves undefined after an instruction is not compared. */
function definedFlags(bytes: Uint8Array): number {
  const { RflagsBits: R } = iced();
  const bits: [number, number][] = [
    ...[[R.CF, 0x1] as const, [R.PF, 0x4] as const, [R.AF, 0x10] as const],
    ...[[R.ZF, 0x40] as const, [R.SF, 0x80] as const, [R.OF, 0x800] as const],
  ].map(([bit, mask]) => [bit, mask]);
  return withDecoder(bytes, 64, ({ decoder, instruction }) => {
    decoder.decodeOut(instruction);
    return bits.reduce(
      (mask, [bit, flag]) => (instruction.rflagsUndefined & bit ? mask : mask | flag),
      0,
    );
  });
}

describe('immediates for loads', () => {
  it('do on this processor what the loads do', () => {
    const cases: HostCase[] = [];
    const replaced = new Set<string>();
    for (const one of fc.sample(sample, { numRuns: 6000, seed: 20070316 })) {
      const replacement = replace(one);
      if (replacement.refused !== undefined) continue;
      expect(replacement.bytes).toHaveLength(one.bytes.length);
      cases.push({
        ...{ original: one.bytes, replacement: replacement.bytes, value: one.value },
        flags: definedFlags(one.bytes),
      });
      replaced.add(mnemonicOf(one.bytes));
    }
    const answers = execute(cases);
    const wrong = cases.flatMap((one, i) =>
      answers[i] === 'same'
        ? []
        : [`${hex(one.original)} -> ${hex(one.replacement)}: ${answers[i]}`],
    );
    expect(answers).toHaveLength(cases.length);
    expect(wrong).toEqual([]);
    // Every shape was there: a table that lost one must not pass for lack of cases.
    expect([...replaced].sort()).toEqual(
      [
        ...['Adc', 'Add', 'And', 'Call', 'Cmp', 'Imul', 'Jmp', 'Mov', 'Movsx', 'Movsxd', 'Movzx'],
        ...['Or', 'Push', 'Sbb', 'Sub', 'Test', 'Xor'],
      ].sort(),
    );
    expect(cases.length).toBeGreaterThan(2000);
  });

  it('would be told apart if they did not', () => {
    const [original] = [Uint8Array.of(0x8b, 0x04, 0x25, 0, 0x20, 0, 0x10)];
    const replacement = Uint8Array.of(0x2e, 0xc7, 0xc0, 8, 0, 0, 0);
    const one = { original, replacement, flags: 0x8d5 };
    expect(
      execute([
        { ...one, value: 7n },
        { ...one, value: 8n },
      ]),
    ).toEqual(['register 0', 'same']);
  });

  it('are one instruction of the same length that touches no memory', () => {
    fc.assert(
      fc.property(sample, (one) => {
        const replacement = replace(one);
        if (replacement.refused !== undefined) return;
        withDecoder(replacement.bytes, 64, ({ decoder, instruction }) => {
          decoder.decodeOut(instruction);
          expect(instruction.length).toBe(one.bytes.length);
          const { OpKind, Mnemonic } = iced();
          for (let i = 0; i < instruction.opCount; i++) {
            const isOwnStack = instruction.mnemonic === Mnemonic.Push;
            if (!isOwnStack) expect(instruction.opKind(i)).not.toBe(OpKind.Memory);
          }
        });
      }),
    );
  });
});

function mnemonicOf(bytes: Uint8Array): string {
  return withDecoder(bytes, 64, ({ decoder, instruction }) => {
    decoder.decodeOut(instruction);
    return iced().Mnemonic[instruction.mnemonic];
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
