import { ByteWriter, buildElf, type BuildSection, type BuildSegment } from './elf-builder.js';
import { kallsymsImage } from './kallsyms-image.js';

/** A function of a small kernel. Two with the same seed have the same instructions. */
export interface TestFunction {
  seed: number;
  /** Seeds of the functions that it calls; those that are not there stand for the first. */
  calls: readonly number[];
}

export interface TestKernelOptions {
  width?: 32 | 64;
  /** Section headers, without which ORC is not found either. */
  sections?: boolean;
  relocations?: boolean;
  orc?: boolean;
  names?: boolean;
  /** Bytes of int3 behind the functions. */
  fill?: number;
  /** Where everything lies, from the usual place on. */
  moved?: number;
  /** So many variables in front of those that the functions use. */
  variables?: number;
}

interface Placed extends TestFunction {
  address: number;
}

/** Places of absolute and of per-CPU addresses, as arch/x86/tools/relocs.c lists them. */
interface Relocations {
  abs64: number[];
  inverse32: number[];
  abs32: number[];
}

/**
 * A small kernel as a bzImage has it when it is unpacked: an ELF with code,
 * pointers, an exception table, ORC tables, per-CPU data at address 0 and symbol
 * names, and its relocation lists behind it.
 */
export function recipeKernel(
  functions: readonly TestFunction[],
  options: TestKernelOptions = {},
): Uint8Array {
  const { width = 64, moved = 0, fill = 0, variables = 0 } = options;
  const start = (width === 64 ? 0x81000000 : 0xc1000000) + moved;
  const [data, rodata] = [start + 0x40000, start + 0x80000];
  const relocations: Relocations = { abs64: [], inverse32: [], abs32: [] };
  const placed = place(functions, start);
  const text = new ByteWriter();
  for (const placedFunction of placed) {
    text.raw(fillTo(text.length, placedFunction.address - start));
    writeFunction(text, placedFunction, start, {
      ...{ placed, relocations, width },
      data: data + 8 * variables,
    });
  }
  text.raw(Array<number>(fill).fill(0xcc));
  const sections: [name: string, address: number, bytes: Uint8Array, flags: bigint][] = [
    ['.text', start, text.done(), 6n],
    ['.data', data, pointers(placed, data, width, relocations), 3n],
    ['.rodata', rodata, readOnly(placed, rodata, options), 2n],
  ];
  if (width === 64) sections.push(['.data..percpu', 0, noise(7, 256), 3n]);
  if (options.orc !== false && width === 64) {
    const [ip, entries] = orc(placed, rodata + 0x20000);
    sections.push(['.orc_unwind_ip', rodata + 0x20000, ip, 2n]);
    sections.push(['.orc_unwind', rodata + 0x30000, entries, 2n]);
  }
  const high = width === 64 ? 0xffffffff00000000n : 0n;
  const long = (address: number): bigint => (address === 0 ? 0n : high + BigInt(address));
  const elf = buildElf({
    width,
    sections: sections.map(([name, address, bytes, flags]): BuildSection => ({
      ...{ name, type: 1, data: bytes, flags, address: long(address), align: 8 },
    })),
    segments: sections.map(([section, address, bytes, flags]): BuildSegment => ({
      ...{ type: 1, section, virtualAddress: long(address), flags: flags & 4n ? 5 : 6 },
      // .bss
      ...(section === '.data' ? { memorySize: bytes.length + 0x1000 } : {}),
    })),
  });
  if (options.sections === false) elf.fill(0, width === 64 ? 60 : 48, width === 64 ? 64 : 52);
  if (options.relocations === false) return elf;
  return Uint8Array.from([...elf, ...relocationLists(relocations, width)]);
}

/** So many bytes that look like noise, always the same for a seed. */
export function noise(seed: number, size: number): Uint8Array {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >>> 24;
  });
}

const sizeOf = ({ seed, calls }: TestFunction): number => 24 + (seed % 40) + 24 * calls.length;

function place(functions: readonly TestFunction[], start: number): Placed[] {
  let address = start;
  return functions.map((one) => {
    const at = address;
    address += Math.ceil(sizeOf(one) / 16) * 16;
    return { ...one, address: at };
  });
}

const fillTo = (at: number, end: number): number[] => Array<number>(end - at).fill(0xcc);

interface Surroundings {
  placed: readonly Placed[];
  data: number;
  relocations: Relocations;
  width: number;
}

/** Noise, and for each call a branch, a conditional one, and an operand or two. */
function writeFunction(
  text: ByteWriter,
  { seed, calls, address }: Placed,
  start: number,
  { placed, data, relocations, width }: Surroundings,
): void {
  const field = (target: number): void => {
    text.uint(BigInt.asUintN(32, BigInt(target - (start + text.length + 4))), 4);
  };
  const body = noise(seed, sizeOf({ seed, calls }));
  text.raw(body.subarray(0, 20 + (seed % 20)));
  calls.forEach((call, i) => {
    const target = placed.find((other) => other.seed === call) ?? placed[0]!;
    text.raw(i % 3 === 2 ? [0xe9] : [0xe8]);
    field(target.address);
    text.raw([0x0f, 0x84]);
    field(address + 4);
    if (width === 64 && i % 2 === 0) {
      text.raw([0x65, 0x48, 0x8b, 0x05]);
      relocations.inverse32.push(start + text.length);
      field(8 * (call % 30) + (data & 0xff));
    } else {
      text.raw([0x8b, 0x0d]);
      field(data + 8 * (call % 100));
    }
    text.raw([0xbf]);
    relocations.abs32.push(start + text.length);
    text.uint(target.address, 4);
  });
  text.raw(body.subarray(-4));
}

function pointers(
  placed: readonly Placed[],
  start: number,
  width: number,
  { abs64, abs32 }: Relocations,
): Uint8Array {
  const out = new ByteWriter();
  for (const { address, seed } of placed) {
    (width === 64 ? abs64 : abs32).push(start + out.length);
    out.uint(address, 4).uint(width === 64 ? 0xffffffff : seed, 4);
    if (seed % 5 === 0) out.uint(seed, 8);
  }
  return out.raw(noise(3, 64)).done();
}

/** An exception table, text, and the names of the functions. */
function readOnly(
  placed: readonly Placed[],
  start: number,
  { names = false, width = 64 }: TestKernelOptions,
): Uint8Array {
  const out = new ByteWriter();
  const field = (target: number): void => {
    out.uint(BigInt.asUintN(32, BigInt(target - (start + out.length))), 4);
  };
  for (const { address, seed } of placed) {
    field(address + 4);
    field(address + 8);
    out.uint(seed % 8, 4);
  }
  for (const { seed } of placed) out.raw(Buffer.from(`function ${seed}\0`));
  if (names) {
    const symbols = placed.map(({ seed, address }) => ({ name: `Tfunction_${seed}`, address }));
    const relativeBase = placed[0]!.address;
    const tables = kallsymsImage(symbols, { word: width === 64 ? 8 : 4, relativeBase });
    out.align(8).raw(tables.subarray(64));
  }
  return out.done();
}

function orc(placed: readonly Placed[], start: number): [ip: Uint8Array, entries: Uint8Array] {
  const [ip, entries] = [new ByteWriter(), new ByteWriter()];
  for (const { address, seed } of placed) {
    for (const inside of [0, 5]) {
      ip.uint(BigInt.asUintN(32, BigInt(address + inside - (start + ip.length))), 4);
      entries
        .uint(8 * inside, 2)
        .uint(seed % 3, 2)
        .uint(5 + inside, 2);
    }
  }
  return [ip.done(), entries.done()];
}

function relocationLists({ abs64, inverse32, abs32 }: Relocations, width: number): Uint8Array {
  const out = new ByteWriter();
  for (const list of width === 64 ? [abs64, inverse32, abs32] : [abs32]) {
    out.uint(0, 4);
    for (const address of list.sort((a, b) => a - b)) out.uint(address, 4);
  }
  return out.done();
}
