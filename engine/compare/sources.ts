import { align } from './align.js';
import type { IndexIntoPlaceTable } from './places.js';
import type { Side } from './side.js';

/**
 * Where the rows of a kernel come from, as far as it can be told. A vmlinux
 * without debug information names its source files (STT_FILE) by their last
 * part only, and only for static symbols.
 */
export interface Sources {
  /** Whether `names` are folders of the source tree, or base names of files. */
  kind: 'folder' | 'file';
  names: string[];
  /** By row of the place table: index into `names`, or -1. */
  ofRow: Int32Array<ArrayBuffer>;
}

/**
 * Tells each row's folder or file.
 *
 * A static symbol belongs to the file symbol that it follows. A global one is
 * between its file's static ones in memory, as the linker places object file
 * after object file: where the nearest static rows on both sides agree, it is
 * theirs; otherwise nothing is claimed. Paths come from the list of object
 * files that the kernel was linked from, which is in the same order as the
 * file symbols; without it there are only base names.
 * @param objects `kernel/fork.o`, ..., in order of linking: see `readThinArchive`
 */
export function readSources(side: Side, objects: readonly string[] | undefined): Sources {
  const { table, files } = side.places;
  const places = objects ? foldersOf(files, objects) : files;
  const numbers = new Map<string, number>();
  const ofFile = places.map((name) => {
    if (name === undefined) return -1;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  });
  const own = table.file.slice(0, table.length).map((file) => ofFile[file] ?? -1);
  const before = nearest(side, own, 1);
  const behind = nearest(side, own, -1);
  const ofRow = own.map((source, row) => {
    if (source >= 0) return source;
    return table.local[row] === 0 && before[row] === behind[row] ? before[row]! : -1;
  });
  return { kind: objects ? 'folder' : 'file', names: [...numbers.keys()], ofRow };
}

/** For each row the source of the last known one of its section in a direction, or -1. */
function nearest({ places: { table } }: Side, own: Int32Array, step: 1 | -1): Int32Array {
  const found = new Int32Array(own.length).fill(-1);
  let last = -1;
  let section = -1;
  const first = step === 1 ? 0 : own.length - 1;
  for (let row: IndexIntoPlaceTable = first; row >= 0 && row < own.length; row += step) {
    if (table.section[row] !== section) {
      section = table.section[row]!;
      last = -1;
    }
    if (own[row]! >= 0) last = own[row]!;
    found[row] = last;
  }
  return found;
}

/** The folder of each file symbol; undefined where the list has no such object in its place. */
function foldersOf(files: readonly string[], objects: readonly string[]): (string | undefined)[] {
  const numbers = new Map<string, number>();
  const key = (path: string): number => {
    const base = (path.split('/').at(-1) ?? '').replace(/\.[^.]*$/, '');
    const number = numbers.get(base) ?? numbers.size;
    numbers.set(base, number);
    return number;
  };
  const alignment = align(files.map(key), objects.map(key));
  const folders = new Array<string | undefined>(files.length).fill(undefined);
  for (let i = 0; i < alignment.length; i++) {
    folders[alignment.a[i]!] = folderOf(objects[alignment.b[i]!]!);
  }
  return folders;
}

/** `drivers/pci/pci.o` -> `drivers/pci`, `arch/x86/kernel/cpu/common.o` -> `arch/x86/kernel`. */
function folderOf(object: string): string {
  const folders = object.split('/').slice(0, -1);
  const kept = folders.slice(0, folders[0] === 'arch' ? 3 : 2);
  return kept.join('/') || '.';
}
