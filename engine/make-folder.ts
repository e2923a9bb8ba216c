import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * `mkdir -p`, one folder at a time: Node's own `recursive` never ends below
 * folders such as /proc, which exist and in which nothing can be made.
 * @throws the error of mkdir(2) or stat(2) for the first folder that cannot be made; ENOTDIR
 *   where a file has its name
 */
export async function makeFolder(folder: string): Promise<void> {
  const there = await stat(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (there?.isDirectory()) return;
  if (there) throw Object.assign(new Error(`${folder} is not a folder`), { code: 'ENOTDIR' });
  await makeFolder(dirname(folder));
  await mkdir(folder).catch((error: unknown) => {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}
