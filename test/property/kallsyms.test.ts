import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabError } from '../../engine/errors/lab-error.js';
import { projectPath } from '../../engine/paths.js';
import {
  decodeKallsyms,
  encodeKallsyms,
  readKallsyms,
  type Kallsyms,
} from '../../engine/recipe/kallsyms/index.js';
import { RangeDecoder, RangeEncoder } from '../../engine/recipe/range-coder.js';
import { kallsymsImage, type TestSymbol, type TestTables } from '../support/kallsyms-image.js';

/** Statuses of engine/native/multi/multi.h. */
const [ok, noRoom, malformed] = ['0', '5', '6'];

const syllables = [
  'a',
  'xen_',
  'init',
  '_',
  'acpi',
  '.cold',
  '__',
  'x64_sys_',
  'q',
  '0',
  'irq',
  'ee',
];
const name = fc
  .tuple(
    fc.constantFrom('t', 'T', 'd'),
    fc.array(fc.constantFrom(...syllables), { minLength: 1, maxLength: 12 }),
  )
  .map(([type, parts]) => type + parts.join(''));
const symbol = fc.record({ name, size: fc.constantFrom(0, 1, 8, 16, 32, 0x40, 0x1000) });
const list = fc.array(symbol, { minLength: 1, maxLength: 200 });
const tables: fc.Arbitrary<TestTables> = fc.record({
  namesFirst: fc.boolean(),
  word: fc.constantFrom(4 as const, 8 as const),
  absolutePercpu: fc.boolean(),
  sequenced: fc.boolean(),
  before: fc.constantFrom(64, 1024),
});

interface Pair {
  base: Buffer;
  flavour: Buffer;
}

function image(symbols: { name: string; size: number }[], options: TestTables): Buffer {
  let address = 0x81000000;
  const placed: TestSymbol[] = symbols.map(({ name, size }) => {
    const at = address;
    address += size;
    return { name, address: at };
  });
  const percpu = options.absolutePercpu ? [{ name: 'A__per_cpu_start', address: 0 }] : [];
  return kallsymsImage([...percpu, ...placed], options);
}

/** Two kernels that have much in common: one is the other with pieces dropped, moved and put in. */
const pair: fc.Arbitrary<Pair> = fc
  .tuple(
    list,
    list,
    fc.array(fc.tuple(fc.nat(200), fc.nat(200), fc.nat(3)), { maxLength: 8 }),
    tables,
    tables,
  )
  .map(([base, other, edits, baseTables, flavourTables]) => {
    const flavour = [...base];
    for (const [from, to, kind] of edits) {
      if (kind === 0) flavour.splice(from, 3);
      else if (kind === 1) flavour.splice(to, 0, ...flavour.splice(from, 2));
      else flavour.splice(from, 0, ...other.slice(to, to + 3));
    }
    if (flavour.length === 0) flavour.push(...other);
    return { base: image(base, baseTables), flavour: image(flavour, flavourTables) };
  });

function read(bytes: Uint8Array): Kallsyms {
  const kallsyms = readKallsyms(bytes);
  if ('reason' in kallsyms) throw new Error(kallsyms.reason);
  return kallsyms;
}

function encode({ base, flavour }: Pair, shift: number | null) {
  const map = shift === null ? null : (address: number) => (address + shift) >>> 0;
  const coder = new RangeEncoder();
  const target = read(flavour);
  const workSize = encodeKallsyms(coder, read(base), target, map);
  const expected = new Uint8Array(flavour.length).fill(0xee);
  for (const [start, end] of target.ranges) expected.set(flavour.subarray(start, end), start);
  return { map, stream: coder.finish(), workSize, expected };
}

const shifts = fc.constantFrom(null, 0, 0x40);

describe('kallsyms of random kernels', () => {
  it('are rebuilt byte for byte', () => {
    fc.assert(
      fc.property(pair, shifts, (kernels, shift) => {
        const { map, stream, expected } = encode(kernels, shift);
        const out = new Uint8Array(expected.length).fill(0xee);
        const decoder = new RangeDecoder(stream);
        decodeKallsyms(decoder, kernels.base, out, map);
        expect(decoder.overrun).toBe(false);
        expect(out).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('are read or not, whatever was changed', () => {
    const flips = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(list, tables, flips, (symbols, options, changes) => {
        const bytes = image(symbols, options);
        for (const [at, value] of changes) bytes[Math.floor(at * (bytes.length - 1))] = value;
        readKallsyms(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it('are refused by name when the stream or the base is damaged', () => {
    fc.assert(
      fc.property(pair, fc.infiniteStream(fc.nat()), fc.boolean(), (kernels, random, inBase) => {
        const { stream, expected } = encode(kernels, null);
        damage(inBase ? kernels.base : stream, random);
        try {
          decodeKallsyms(
            new RangeDecoder(stream),
            kernels.base,
            new Uint8Array(expected.length),
            null,
          );
        } catch (error) {
          if (!(error instanceof LabError)) throw error;
          expect(error.code).toBe('recipe-malformed');
        }
      }),
      { numRuns: 60 },
    );
  });
});

function damage(bytes: Uint8Array, random: Stream): void {
  for (let i = 0; i < 3; i++) bytes[random.next().value % bytes.length] = random.next().value;
}
type Stream = IterableIterator<number> & { next(): { value: number } };

describe('the kallsyms decoder in C', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kbl-test-'));
  const program = join(folder, 'kallsyms-host');
  const at = (file: string): string => join(folder, file);

  beforeAll(() => {
    const multi = projectPath('engine', 'native', 'multi');
    execFileSync('gcc', [
      ...[
        '-std=gnu11',
        '-O1',
        '-g',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-Wdeclaration-after-statement',
      ],
      ...['-fsanitize=address,undefined', '-fno-sanitize-recover', `-I${multi}`],
      projectPath('test', 'support', 'kallsyms-host.c'),
      join(multi, 'kallsyms.c'),
      join(multi, 'range-decoder.c'),
      ...['-o', program],
    ]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  interface Input {
    stream: Uint8Array;
    base: Uint8Array;
    outSize: number;
    workSize: number;
    shift: number | null;
  }

  function run({ stream, base, outSize, workSize, shift }: Input): { status: string; out: Buffer } {
    writeFileSync(at('stream'), stream);
    writeFileSync(at('base'), base);
    const argv = [at('stream'), at('base'), at('out'), outSize, workSize, shift ?? 'none'];
    const output = execFileSync(program, argv.map(String), { encoding: 'utf8' });
    return { status: output.split(' ', 1)[0]!, out: readFileSync(at('out')) };
  }

  it('gives the same bytes', () => {
    fc.assert(
      fc.property(pair, shifts, (kernels, shift) => {
        const { stream, workSize, expected } = encode(kernels, shift);
        const { status, out } = run({
          ...{ stream, workSize, shift },
          base: kernels.base,
          outSize: expected.length,
        });
        expect(status).toBe(ok);
        expect(Buffer.compare(out, expected)).toBe(0);
      }),
      { numRuns: 25 },
    );
  });

  it('says when it has too little room', () => {
    const [kernels] = fc.sample(pair, { numRuns: 1, seed: 1 });
    const { stream, expected, workSize } = encode(kernels!, null);
    const input = { stream, base: kernels!.base, outSize: expected.length, shift: null };
    expect(run({ ...input, workSize: workSize - 0x20000 }).status).toBe(noRoom);
    expect(run({ ...input, workSize: 0x100 }).status).toBe(noRoom);
    expect(run({ ...input, workSize, outSize: 0x100 }).status).toBe(malformed);
  });

  it('touches nothing but its own memory, whatever it reads', () => {
    fc.assert(
      fc.property(pair, fc.infiniteStream(fc.nat()), fc.boolean(), (kernels, random, inBase) => {
        const { stream, workSize, expected } = encode(kernels, null);
        damage(inBase ? kernels.base : stream, random);
        const { status } = run({
          ...{ stream, workSize, shift: null },
          base: kernels.base,
          outSize: expected.length,
        });
        expect([ok, noRoom, malformed]).toContain(status);
      }),
      { numRuns: 60 },
    );
  });
});
