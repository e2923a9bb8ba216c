/**
 * Writes small ELF files for tests: the real format, from scratch, 32 or 64
 * bits wide. Nothing is checked, so that broken files can be built as well.
 */

export interface BuildSection {
  name: string;
  type: number;
  data?: Uint8Array;
  /** `sh_size` where it differs from the data's length (SHT_NOBITS, lies). */
  size?: number;
  flags?: bigint;
  address?: bigint;
  link?: number;
  info?: number;
  align?: number;
  entrySize?: number;
}

export interface BuildSegment {
  type: number;
  /** Name of the section whose bytes it covers. */
  section: string;
  flags?: number;
  virtualAddress?: bigint;
  physicalAddress?: bigint;
  memorySize?: number;
  align?: number;
}

export interface BuildElf {
  width?: 32 | 64;
  machine?: number;
  entry?: bigint;
  /** Section 0 and `.shstrtab` are added, first and last. */
  sections?: BuildSection[];
  segments?: BuildSegment[];
  /** Put the counts into section 0, as files with more than 65 279 sections do. */
  extendedNumbering?: boolean;
}

/** Bytes that grow; numbers little-endian. */
export class ByteWriter {
  private readonly bytes: number[] = [];

  get length(): number {
    return this.bytes.length;
  }
  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }
  uint(value: number | bigint, size: number): this {
    for (let rest = BigInt(value), i = 0; i < size; i++, rest >>= 8n) {
      this.bytes.push(Number(rest & 0xffn));
    }
    return this;
  }
  align(unit: number): this {
    while (this.bytes.length % unit !== 0) this.bytes.push(0);
    return this;
  }
  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

export function buildElf(request: BuildElf): Uint8Array {
  const { width = 64, segments = [], extendedNumbering = false } = request;
  const word = width / 8;
  const ehsize = width === 64 ? 64 : 52;
  const phentsize = width === 64 ? 56 : 32;
  const shentsize = width === 64 ? 64 : 40;
  const names = strings(['', ...(request.sections ?? []).map((s) => s.name), '.shstrtab']);
  const sections: BuildSection[] = [
    { name: '', type: 0 },
    ...(request.sections ?? []),
    { name: '.shstrtab', type: 3, data: names.bytes },
  ];

  const body = new ByteWriter();
  const bodyStart = ehsize + segments.length * phentsize;
  const offsets = sections.map((section) => {
    while ((bodyStart + body.length) % 8 !== 0) body.uint(0, 1);
    const offset = section.type === 0 ? 0 : bodyStart + body.length;
    body.raw(section.data ?? []);
    return offset;
  });
  while ((bodyStart + body.length) % 8 !== 0) body.uint(0, 1);
  const shoff = bodyStart + body.length;
  const last = sections.length - 1;

  const out = new ByteWriter();
  out.raw([0x7f, 0x45, 0x4c, 0x46, width === 64 ? 2 : 1, 1, 1]).align(16);
  out
    .uint(2, 2)
    .uint(request.machine ?? (width === 64 ? 62 : 3), 2)
    .uint(1, 4);
  out.uint(request.entry ?? 0n, word).uint(segments.length > 0 ? ehsize : 0, word);
  out.uint(shoff, word).uint(0, 4).uint(ehsize, 2);
  out.uint(phentsize, 2).uint(extendedNumbering ? 0xffff : segments.length, 2);
  out.uint(shentsize, 2).uint(extendedNumbering ? 0 : sections.length, 2);
  out.uint(extendedNumbering ? 0xffff : last, 2);

  for (const segment of segments) {
    const index = sections.findIndex((s) => s.name === segment.section);
    const size = sections[index]!.data?.length ?? 0;
    const address = segment.virtualAddress ?? 0n;
    out.uint(segment.type, 4);
    if (width === 64) out.uint(segment.flags ?? 4, 4);
    out.uint(offsets[index]!, word).uint(address, word);
    out.uint(segment.physicalAddress ?? address, word);
    out.uint(size, word).uint(segment.memorySize ?? size, word);
    if (width === 32) out.uint(segment.flags ?? 4, 4);
    out.uint(segment.align ?? 4, word);
  }
  out.raw(body.done());
  sections.forEach((section, index) => {
    const extended = extendedNumbering && index === 0;
    const size = section.size ?? section.data?.length ?? 0;
    out.uint(names.offset(section.name), 4).uint(section.type, 4);
    out.uint(section.flags ?? 0n, word).uint(section.address ?? 0n, word);
    out.uint(offsets[index]!, word).uint(extended ? sections.length : size, word);
    out.uint(extended ? last : (section.link ?? 0), 4);
    out.uint(extended ? segments.length : (section.info ?? 0), 4);
    out.uint(section.align ?? 1, word).uint(section.entrySize ?? 0, word);
  });
  return out.done();
}

/** A string table and where each string is in it. */
export function strings(list: string[]): { bytes: Uint8Array; offset(text: string): number } {
  const offsets = new Map<string, number>([['', 0]]);
  const writer = new ByteWriter().uint(0, 1);
  for (const text of list) {
    if (offsets.has(text)) continue;
    offsets.set(text, writer.length);
    writer.raw(Buffer.from(text)).uint(0, 1);
  }
  return { bytes: writer.done(), offset: (text) => offsets.get(text)! };
}

export interface BuildSymbol {
  name: string;
  value: bigint;
  size?: number;
  /** Binding and type, `st_info`. */
  info?: number;
  section?: number;
}

/** The contents of `.symtab` and its `.strtab`; symbol 0 is added. */
export function symbolTable(
  list: BuildSymbol[],
  width: 32 | 64 = 64,
): { symtab: Uint8Array; strtab: Uint8Array } {
  const names = strings(list.map((s) => s.name));
  const out = new ByteWriter();
  for (const { name, value, size = 0, info = 0, section = 1 } of [
    { name: '', value: 0n, section: 0 } as BuildSymbol,
    ...list,
  ]) {
    out.uint(names.offset(name), 4);
    if (width === 64) out.uint(info, 1).uint(0, 1).uint(section, 2).uint(value, 8).uint(size, 8);
    else out.uint(value, 4).uint(size, 4).uint(info, 1).uint(0, 1).uint(section, 2);
  }
  return { symtab: out.done(), strtab: names.bytes };
}

export interface BuildNote {
  owner: string;
  type: number;
  description: Uint8Array;
}

/** The contents of a note section. */
export function noteData(notes: BuildNote[]): Uint8Array {
  const out = new ByteWriter();
  for (const { owner, type, description } of notes) {
    out
      .uint(owner.length + 1, 4)
      .uint(description.length, 4)
      .uint(type, 4);
    out
      .raw(Buffer.from(`${owner}\0`))
      .align(4)
      .raw(description)
      .align(4);
  }
  return out.done();
}

export function uint64(value: bigint): Uint8Array {
  return new ByteWriter().uint(value, 8).done();
}

/** The notes of a Linux kernel with Xen PV, PVH and dom0 support. */
export function linuxXenNotes(
  changes: Partial<Record<number, Uint8Array | null>> = {},
): BuildNote[] {
  const notes: Record<number, Uint8Array | null> = {
    6: Buffer.from('linux\0'),
    7: Buffer.from('2.6\0'),
    5: Buffer.from('xen-3.0\0'),
    3: uint64(0xffffffff80000000n),
    1: uint64(0xffffffff81c75160n),
    8: Buffer.from('generic\0'),
    10: Buffer.from('!writable_page_tables|pae_pgdir_above_4gb'),
    13: Buffer.concat([uint64(1n), uint64(1n)]),
    17: new ByteWriter().uint(0x8801, 4).done(),
    18: uint64(0x1000680n),
    ...changes,
  };
  return Object.entries(notes).flatMap(([type, description]) =>
    description ? [{ owner: 'Xen', type: Number(type), description }] : [],
  );
}

/** A small stripped kernel: text with a banner, and notes. */
export function buildKernelElf(options: {
  width?: 32 | 64;
  banner?: string;
  notes?: BuildNote[];
}): Uint8Array {
  const { width = 64, banner = 'Linux version 6.1.0 (a@b) #1 SMP\n', notes = [] } = options;
  const text = Buffer.concat([Buffer.alloc(64, 0x90), Buffer.from(`${banner}\0`)]);
  return buildElf({
    width,
    entry: 0x1000000n,
    sections: [
      { name: '.text', type: 1, data: text, flags: 6n, address: 0xffffffff81000000n },
      { name: '.notes', type: 7, data: noteData(notes), align: 4 },
    ],
    segments: [
      { type: 1, section: '.text', physicalAddress: 0x1000000n },
      { type: 4, section: '.notes' },
    ],
  });
}
