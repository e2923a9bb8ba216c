import { join } from 'node:path';
import { chosen, variables, type ChosenFile } from './chosen.mjs';
import { matchingFiles } from './doctor/detect.mjs';
import { projectPath } from './paths.js';

/**
 * Emulator and hypervisor that came with the app (docs/packaging.md): a folder beside its
 * archive, which scripts/package/bundle.mjs fills. A checkout has none.
 */
export const bundleFolder = projectPath('bundle');

/** Where the bundle has each; `*` may stand in a name. */
const places: Readonly<Record<ChosenFile, string>> = {
  qemu: 'qemu-system-x86_64',
  xen: 'boot/xen-*.gz',
  ovmf: 'usr/share/ovmf/OVMF.fd',
  busybox: 'usr/bin/busybox',
};

/** A file that stands before the installed one, and who put it there. */
export interface Preferred {
  readonly path: string;
  /** The environment variable that names it, or `bundle`. */
  readonly by: string;
}

/** The user's choice, else the bundle's file; undefined for what is installed. */
export function preferredFile(id: ChosenFile, folder = bundleFolder): Preferred | undefined {
  const path = chosen(id);
  if (path !== undefined) return { path, by: variables[id] };
  const bundled = matchingFiles(join(folder, places[id])).at(-1);
  return bundled === undefined ? undefined : { path: bundled, by: 'bundle' };
}
