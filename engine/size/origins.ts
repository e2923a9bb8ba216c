import { objectsOfFiles, spreadOrigins } from '../compare/object-files.js';
import type { Places } from '../compare/places.js';
import type { Numbered } from '../numbered.js';

/**
 * The object file of each row of a place table, as file symbols tell it (engine/compare/object-files.ts).
 * Of what lies between two files of one folder, the folder is told.
 * @param list object files in order of linking; without it, files have no folders
 * @param objects where they are numbered
 */
export function originsOfRows(
  places: Places,
  list: readonly string[] | undefined,
  objects: Numbered,
): Int32Array<ArrayBuffer> {
  const { files } = places;
  const paths = list ? objectsOfFiles(files, list) : files.map(() => undefined);
  const byFile = spread(
    places,
    files.map((file, i) => objects.number(paths[i] ?? file)),
  );
  if (!list) return byFile;
  const byFolder = spread(
    places,
    paths.map((path) => (path === undefined ? -1 : objects.number(someFileBeside(path)))),
  );
  return byFile.map((object, row) => (object >= 0 ? object : byFolder[row]!));
}

function spread(places: Places, ofFile: readonly number[]): Int32Array<ArrayBuffer> {
  const { file, length } = places.table;
  return spreadOrigins(
    places,
    file.slice(0, length).map((one) => ofFile[one] ?? -1),
  );
}

/** `kernel/sched/core.o` -> `kernel/sched/(some file)`. */
function someFileBeside(path: string): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}(some file)`;
}
