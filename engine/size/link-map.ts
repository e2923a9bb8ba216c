import { sizeErrors } from '../errors/size.js';
import { signedAddress, type SignedAddress } from '../kernel/address.js';
import type { Bytes } from '../units.js';
import { Numbered } from '../numbered.js';
import { objectPath } from './object-path.js';

/**
 * GNU ld's map file (`-Map`; a kernel with CONFIG_VMLINUX_MAP=y writes `vmlinux.map`): where the
 * linker put every input section of every object file. Behind the line "Linker script and memory
 * map" a line that begins in the first column is an output section, one behind a single blank an
 * input section or `*fill*`; a long name has its address and size on the next line:
 *
 *     .text           0xffffffff81000000   0x4038d1
 *      .text          0xffffffff81000200      0x1f0 vmlinux.a(init/main.o)
 *      *fill*         0xffffffff810003f0       0x10 cc
 *      .rodata.str1.8
 *                     0xffffffff8180a000    0x2ab10 vmlinux.a(init/main.o)
 *                                             0x2d0 (size before relaxing)
 *
 * The last line marks a section whose strings or constants (SHF_MERGE) the linker put together
 * with those of other objects: what it has then are the bytes of all of them.
 */
export interface LinkMap {
  sections: MapSection[];
  /** Paths in the build folder: `kernel/fork.o`. */
  objects: string[];
  /** Names of input sections: `.text.unlikely`, `*fill*`. */
  inputs: string[];
}

export interface MapSection {
  name: string;
  start: SignedAddress;
  size: Bytes;
  pieces: Piece[];
}

/** What one object file has of an output section. */
export interface Piece {
  start: SignedAddress;
  size: Bytes;
  /** Index into `objects`, or one of the two below. */
  object: number;
  /** Index into `inputs`. */
  input: number;
}

/** `Piece.object` of what is the linker's own: fill, and bytes that its script writes. */
export const ofLinker = -1;
/** `Piece.object` of strings and constants that several object files share. */
export const ofMany = -2;

const beginning = 'Linker script and memory map\n';
const isRelaxed = /^\s+0x[0-9a-f]+ \(size before relaxing\)$/;
const extent = /^\s+0x([0-9a-f]{1,16})\s+0x([0-9a-f]{1,16})(?:\s+(\S.*)?)?$/;
const scriptData = /^(?:BYTE|SHORT|LONG|S?QUAD)$/;

/**
 * Reads a map. Lines that say nothing of places are left out; whether the rest is of a certain
 * kernel is to be checked against that kernel's sections.
 * @param file for the error's place
 * @throws size-map-unreadable
 */
export function readLinkMap(text: string, file: string): LinkMap {
  const from = text.indexOf(beginning);
  if (from < 0) throw sizeErrors.mapUnreadable({ file, why: `no line "${beginning.trim()}"` });
  const reader = new MapReader();
  for (let at = from + beginning.length; at < text.length;) {
    const end = text.indexOf('\n', at);
    reader.line(text.slice(at, end < 0 ? text.length : end));
    at = end < 0 ? text.length : end + 1;
  }
  const { sections, objects, inputs } = reader;
  return { sections, objects: objects.all, inputs: inputs.all };
}

class MapReader {
  readonly sections: MapSection[] = [];
  readonly objects = new Numbered();
  readonly inputs = new Numbered();
  /** A name that stood alone, which the next line may place. */
  #waiting: { name: string; isOutput: boolean } | undefined;
  /** What the last input section became. */
  #last: Piece | undefined;

  line(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting && this.#place(waiting.name, waiting.isOutput, line)) return;
    if (isRelaxed.test(line)) {
      if (this.#last) this.#last.object = ofMany;
      return;
    }
    const isOutput = !line.startsWith(' ');
    const nameEnd = line.indexOf(' ', 1);
    const name = (nameEnd < 0 ? line : line.slice(0, nameEnd)).trim();
    // ` *(.text)` and `                0xffffffff81000000   _text = .` place nothing.
    if (name === '' || (name.startsWith('*') && name !== '*fill*')) return;
    if (nameEnd < 0) this.#waiting = { name, isOutput };
    else this.#place(name, isOutput, line.slice(nameEnd));
  }

  /** Takes an address and a size, if that is what a line has. */
  #place(name: string, isOutput: boolean, rest: string): boolean {
    const [, address, length, what] = extent.exec(rest) ?? [];
    if (address === undefined || length === undefined) return false;
    const start = signedAddress(BigInt(`0x${address}`));
    const size = Number(`0x${length}`);
    if (isOutput) {
      this.sections.push({ name, start, size, pieces: [] });
      this.#last = undefined;
    } else {
      this.#addPiece(name, start, size, what);
    }
    return true;
  }

  #addPiece(name: string, start: SignedAddress, size: Bytes, what: string | undefined): void {
    const isLinkers = what === undefined || name === '*fill*' || scriptData.test(name);
    this.#last = {
      ...{ start, size, input: this.inputs.number(name) },
      object: isLinkers ? ofLinker : this.objects.number(objectPath(what)),
    };
    if (size > 0) this.sections.at(-1)?.pieces.push(this.#last);
  }
}
