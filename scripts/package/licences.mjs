/**
 * The licences of the npm packages that come with the app, for its About dialog: a module
 * `virtual:licences` of the window's bundle.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runtimePackages } from './contents.mjs';

/** Packages that are bundled into the window. */
const ofWindow = [
  '@fontsource/jetbrains-mono',
  '@xterm/addon-fit',
  '@xterm/addon-search',
  '@xterm/xterm',
  'clsx',
  'esm-env',
  'svelte',
];

const name = 'virtual:licences';

/** @param {string} root  the project's folder @returns {import('vite').Plugin} */
export function licencesPlugin(root) {
  const paths = [...runtimePackages(), ...ofWindow.map((one) => `node_modules/${one}`)];
  const known = new Set(paths);
  return {
    name: 'licences',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) =>
      id === `\0${name}` ? `export default ${JSON.stringify(licences(root, paths))};` : undefined,
    moduleParsed({ id }) {
      // Nothing is shipped whose licence is not shown.
      const path = /\/(node_modules\/(?:@[^/]+\/)?[^/]+)\/[^\0]*$/.exec(id)?.[1];
      if (path !== undefined && !known.has(path)) {
        this.error(`${path} is bundled, and scripts/package/licences.mjs does not name it`);
      }
    },
  };
}

/**
 * @param {string} root
 * @param {readonly string[]} paths
 * @returns {{ name: string, version: string, licence: string, text: string | null }[]}
 */
export function licences(root, paths) {
  return paths
    .map((path) => {
      const folder = join(root, path);
      const { name, version, license } = JSON.parse(
        readFileSync(join(folder, 'package.json'), 'utf8'),
      );
      const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one));
      const text = file === undefined ? null : readFileSync(join(folder, file), 'utf8').trim();
      return { name, version, licence: license, text };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
