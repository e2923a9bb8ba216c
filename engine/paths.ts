import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the project lies. Code runs from the sources (tests) and from `dist/`
 * (the command line, the app); fragments, native sources and recipes are
 * never copied, and are found from here in both cases.
 */

function findProjectRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) throw new Error(`no package.json above ${start}`);
  }
}

/** Absolute path of the folder that holds package.json. */
export const projectRoot: string = findProjectRoot(dirname(fileURLToPath(import.meta.url)));

/**
 * A packaged app is one archive that compilers cannot read: what they need lies
 * beside it (`extraResource` in forge.config.ts), under the same names.
 */
const readableRoot = projectRoot.endsWith('.asar') ? dirname(projectRoot) : projectRoot;

/** Absolute path of a file or folder of the project: `projectPath('images', 'fragments')`. */
export function projectPath(...parts: string[]): string {
  return join(readableRoot, ...parts);
}
