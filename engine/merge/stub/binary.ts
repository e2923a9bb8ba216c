import { readdir, readFile } from 'node:fs/promises';
import {
  PT_LOAD,
  memorySource,
  readAllRelocations,
  readElf,
  readSymbols,
  segmentBytes,
  symbolAddress,
  type ElfFile,
} from '../../elf/index.js';
import { compileNative, type NativeProgram } from '../../native/compile.js';
import { projectPath } from '../../paths.js';
import type { Bytes } from '../../units.js';
import type { Workspace } from '../../workspace/types.js';

/** Codecs whose payloads the boot stub unpacks, and the archives that do it. */
const libraries = { gzip: 'libdeflate.a', xz: 'liblzma.a', zstd: 'libzstd.a' } as const;
export type StubCodec = keyof typeof libraries;
export const stubCodecs = Object.keys(libraries) as StubCodec[];

/** The boot stub for one codec, ready to be put into a file. */
export interface StubBinary {
  /** What the protected-mode code begins with; 32-bit code. */
  head: Uint8Array;
  /** Offsets in `head` of what is filled in for a file. */
  layoutAt: Bytes;
  kernelInfoAt: Bytes;
  setupTypeMaxAt: Bytes;
  /** The rest of the stub; 64-bit code. */
  body: Uint8Array;
  /** Memory that it takes, with `.bss` and stack. */
  bodyMemory: Bytes;
}

const inStub = (file: string): string => `multi/stub/${file}`;

/** Both halves use these. */
const common = ['places.c', 'console.c', 'memory.c'].map(inStub);
const headers = [
  ...['boot-params.h', 'console.h', 'layout.h', 'places.h', 'segments.h'].map(inStub),
  'multi/port.h',
];

/** Freestanding, position independent, nothing for unwinding. */
const flags = [
  ...['-std=gnu11', '-Wall', '-Wextra', '-ffreestanding', '-nostdlib', '-fpie'],
  ...['-fvisibility=hidden', '-fno-stack-protector', '-fno-asynchronous-unwind-tables'],
  ...['-fcf-protection=none', '-Wl,--build-id=none'],
  ...['-Wl,-z,noexecstack', '-Wl,--no-warn-rwx-segments'],
];

const head: NativeProgram = {
  name: 'stub-head.elf',
  sources: [...['head/entry.S', 'head/head.c'].map(inStub), ...common],
  headers,
  flags: [...flags, '-m32', '-Os', '-mno-sse', '-mno-mmx', '-static', '-no-pie'],
  linkerScript: inStub('head/head.lds'),
};

async function body(codec: StubCodec): Promise<NativeProgram> {
  const own = ['start.S', 'main.c', 'cpu.c', 'load-elf.c', 'heap.c', 'libc.c', `unpack-${codec}.c`];
  const decoder = await decoderFiles();
  return {
    name: `stub-body-${codec}.elf`,
    sources: [...own.map((file) => inStub(`body/${file}`)), ...common, ...decoder.sources],
    headers: [
      ...headers,
      ...['body/cpu.h', 'body/load-elf.h', 'body/unpack.h'].map(inStub),
      ...decoder.headers,
    ],
    flags: [
      ...flags,
      ...['-O2', '-ffunction-sections', '-fdata-sections', '-static-pie'],
      ...['-Wl,--gc-sections', '-Wl,--no-dynamic-linker'],
    ],
    linkerScript: inStub('body/body.lds'),
    libraries: [libraries[codec]],
  };
}

/**
 * Reading the directory and rebuilding a flavour: all of engine/native/multi/
 * but what is for the kernel's own decompressor.
 */
async function decoderFiles(): Promise<{ sources: string[]; headers: string[] }> {
  const files = (await readdir(projectPath('engine', 'native', 'multi'))).sort();
  const ending = (suffix: string): string[] =>
    files
      .filter((file) => file.endsWith(suffix) && file !== 'kernel.c')
      .map((file) => `multi/${file}`);
  return { sources: ending('.c'), headers: ending('.h') };
}

/**
 * Compiles and links the stub, or finds it as it was made before. It knows
 * nothing of the file that it will be part of.
 * @throws compiler-missing, native-library-missing, native-build-failed
 */
export async function stubBinary(workspace: Workspace, codec: StubCodec): Promise<StubBinary> {
  const compiled = async (program: NativeProgram): Promise<ElfFile> =>
    readElf(memorySource(await readFile(await compileNative(workspace, program))));
  const headElf = await compiled(head);
  const bodyElf = await compiled(await body(codec));
  const loaded = loadedSegment(bodyElf);
  checkRelocations(bodyElf);
  return {
    head: segmentBytes(headElf, loadedSegment(headElf)),
    layoutAt: offsetOf(headElf, 'stub_layout'),
    kernelInfoAt: offsetOf(headElf, 'kernel_info'),
    setupTypeMaxAt: offsetOf(headElf, 'kernel_info_setup_type_max'),
    body: segmentBytes(bodyElf, loaded),
    bodyMemory: loaded.memorySize,
  };
}

/** Each half is linked for address 0 as one segment. */
function loadedSegment(elf: ElfFile): ElfFile['segments'][number] {
  const [segment, ...others] = elf.segments.filter(({ type }) => type === PT_LOAD);
  if (!segment || others.length > 0 || segment.virtualAddress !== 0n) {
    throw new Error('a half of the boot stub was not linked as one segment at 0');
  }
  return segment;
}

function offsetOf(elf: ElfFile, symbol: string): Bytes {
  const symbols = readSymbols(elf);
  const address = symbols && symbolAddress(symbols, symbol);
  if (address === undefined) throw new Error(`the boot stub has no symbol ${symbol}`);
  return Number(address);
}

/** start.S relocates the body, and knows one kind: a pointer into the body itself. */
function checkRelocations(elf: ElfFile): void {
  const R_X86_64_RELATIVE = 8;
  for (const { type } of readAllRelocations(elf)) {
    const other = type.find((kind) => kind !== R_X86_64_RELATIVE);
    if (other !== undefined) throw new Error(`the boot stub has relocations of type ${other}`);
  }
}
