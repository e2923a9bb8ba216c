/** A symbol as nm would list it. */
export interface TestSymbol {
  /** Type letter and name. */
  name: string;
  /** Low 32 bits. */
  address: number;
}

export interface TestTables {
  word?: 4 | 8;
  namesFirst?: boolean;
  sequenced?: boolean;
  absolutePercpu?: boolean;
  relativeBase?: number;
  /** Bytes of noise before the tables. */
  before?: number;
}

/**
 * An ELF header, noise, and the tables that scripts/kallsyms.c would write for
 * these symbols; they must be in the order of their addresses. This is that
 * program's own plain way, with nothing taken from the engine.
 */
export function kallsymsImage(symbols: readonly TestSymbol[], options: TestTables = {}): Buffer {
  const { word = 8, namesFirst = false, sequenced = true, before = 512 } = options;
  const { strings, packed } = compress(symbols.map(({ name }) => Buffer.from(name, 'latin1')));
  const image = new Writer(word);
  image.append(Buffer.from([0x7f, 0x45, 0x4c, 0x46, word === 4 ? 1 : 2]), Buffer.alloc(59));
  // Noise that looks like no table: no zeros.
  image.append(Buffer.alloc(before, 0xa5));
  const offsets = symbols.map(({ address }) => offsetOf(address, options));
  const order = symbols.map((_, i) => i).sort((a, b) => compareNames(symbols, a, b));
  const writeOffsets = (): void => {
    image.table(...offsets.map(long));
    image.table(long(options.relativeBase ?? 0x81000000), Buffer.alloc(word - 4, 0xff));
  };
  const writeSequences = (): void => {
    image.table(...order.map((i) => Buffer.from([i >> 16, i >> 8, i])));
  };
  if (!namesFirst) writeOffsets();
  image.table(long(symbols.length));
  const names = packed.map((name) =>
    Buffer.concat([
      Buffer.from(name.length < 128 ? [name.length] : [name.length | 128, name.length >> 7]),
      name,
    ]),
  );
  image.table(...names);
  image.table(
    ...startsOf(names)
      .filter((_, i) => i % 256 === 0)
      .map(long),
  );
  if (sequenced && !namesFirst) writeSequences();
  const tokens = strings.map((string) => Buffer.concat([string, Buffer.of(0)]));
  image.table(...tokens);
  image.table(...startsOf(tokens).map((start) => Buffer.from([start, start >> 8])));
  if (namesFirst) writeOffsets();
  if (namesFirst && sequenced) writeSequences();
  image.table(Buffer.alloc(64, 0x5a));
  return image.bytes;
}

class Writer {
  bytes: Buffer = Buffer.alloc(0);

  constructor(readonly word: number) {}

  append(...parts: readonly Uint8Array[]): void {
    this.bytes = Buffer.concat([this.bytes, ...parts]);
  }

  /** Starts at a multiple of the word, as every label does. */
  table(...parts: readonly Uint8Array[]): void {
    this.append(Buffer.alloc((this.word - (this.bytes.length % this.word)) % this.word), ...parts);
  }
}

/** Where each part starts when all are put one behind the other. */
function startsOf(parts: readonly Uint8Array[]): number[] {
  let size = 0;
  return parts.map((part) => (size += part.length) - part.length);
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function offsetOf(address: number, { absolutePercpu, relativeBase = 0x81000000 }: TestTables) {
  if (!absolutePercpu) return address - relativeBase;
  return address < relativeBase ? address : relativeBase - address - 1;
}

function compareNames(symbols: readonly TestSymbol[], a: number, b: number): number {
  const difference = Buffer.compare(
    Buffer.from(symbols[a]!.name.slice(1), 'latin1'),
    Buffer.from(symbols[b]!.name.slice(1), 'latin1'),
  );
  return difference === 0 ? a - b : difference;
}

/** optimize_result(): the most frequent pair gets the highest free code, and so on. */
function compress(names: readonly Buffer[]): { strings: Buffer[]; packed: Buffer[] } {
  const packed = names.map((name) => [...name]);
  const strings: Buffer[] = Array.from({ length: 256 }, () => Buffer.alloc(0));
  for (const letter of new Set(packed.flat())) strings[letter] = Buffer.of(letter);
  for (let code = 255; code >= 0; code--) {
    if (strings[code]!.length > 0) continue;
    const pair = mostFrequentPair(packed);
    if (pair === null) break;
    const [left, right] = [pair & 0xff, pair >> 8];
    strings[code] = Buffer.concat([strings[left]!, strings[right]!]);
    for (const name of packed) {
      for (let i = 0; i + 1 < name.length; i++) {
        if (name[i] === left && name[i + 1] === right) name.splice(i, 2, code);
      }
    }
  }
  return { strings, packed: packed.map((name) => Buffer.from(name)) };
}

function mostFrequentPair(names: readonly (readonly number[])[]): number | null {
  const counts = new Uint32Array(0x10000);
  for (const name of names) {
    for (let i = 0; i + 1 < name.length; i++) counts[name[i]! | (name[i + 1]! << 8)]!++;
  }
  let best = 0;
  for (let pair = 1; pair < counts.length; pair++) {
    if (counts[pair]! > counts[best]!) best = pair;
  }
  return counts[best] === 0 ? null : best;
}
