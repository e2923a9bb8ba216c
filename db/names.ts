import { databaseErrors } from '../engine/errors/database.js';

/** What to do when a name is taken: refuse it, or add the first free number (`native-2`). */
export interface NameOptions {
  ifNameTaken?: 'refuse' | 'number' | undefined;
}

/**
 * A name that can be given to a new image or experiment. To be called in the
 * transaction that inserts it, so that no other process takes it meanwhile.
 *
 * @throws name-invalid, name-taken
 */
export async function freeName(
  what: 'image' | 'experiment',
  name: string,
  isTaken: (name: string) => Promise<boolean>,
  options: NameOptions = {},
): Promise<string> {
  // Names are typed in shells and printed on terminals: no control characters, and nothing
  // that would be taken for an option, or, of an image, for a file.
  const bad = name.trim() === '' || name.length > 200 || /\p{Cc}|^-/u.test(name);
  if (bad || (what === 'image' && name.includes('/'))) {
    throw databaseErrors.nameInvalid({ what, name });
  }
  if (!(await isTaken(name))) return name;
  if (options.ifNameTaken !== 'number') throw databaseErrors.nameTaken({ what, name });
  for (let number = 2; ; number++) {
    if (!(await isTaken(`${name}-${number}`))) return `${name}-${number}`;
  }
}
