import { Numbered } from '../numbered.js';
import { objectsOfFiles, spreadOrigins } from './object-files.js';
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
 * Tells each row's folder or file; without a list of object files there are only base names.
 * @param objects `kernel/fork.o`, ..., in order of linking: see `readThinArchive`
 */
export function readSources({ places }: Side, objects: readonly string[] | undefined): Sources {
  const { table, files } = places;
  const origins = objects
    ? objectsOfFiles(files, objects).map((path) => path && folderOf(path))
    : files;
  const names = new Numbered();
  const ofFile = origins.map((name) => (name === undefined ? -1 : names.number(name)));
  const own = table.file.slice(0, table.length).map((file) => ofFile[file] ?? -1);
  const ofRow = spreadOrigins(places, own);
  return { kind: objects ? 'folder' : 'file', names: names.all, ofRow };
}

/** `drivers/pci/pci.o` -> `drivers/pci`, `arch/x86/kernel/cpu/common.o` -> `arch/x86/kernel`. */
export function folderOf(object: string): string {
  const folders = object.split('/').slice(0, -1);
  const kept = folders.slice(0, folders[0] === 'arch' ? 3 : 2);
  return kept.join('/') || '.';
}
