/*
 * What Electron starts when it is given a folder instead of a packaged app:
 * `electron [-r MODULE]... [SWITCH]... FOLDER [WORD]...`. Only for the runtime of
 * runtime.mjs; Electron's own brings its own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const require = createRequire(import.meta.url);

const modules = [];
let folder;
for (let i = 1; i < process.argv.length && folder === undefined; i++) {
  const word = process.argv[i];
  if (word === '-r' || word === '--require') modules.push(process.argv[++i]);
  else if (!word.startsWith('-')) folder = resolve(word);
}
for (const module of modules) require(resolve(module));

if (folder === undefined || !existsSync(join(folder, 'package.json'))) {
  process.stderr.write(`usage: electron FOLDER, not ${process.argv.slice(1).join(' ')}\n`);
  process.exit(2);
}
const { name, productName, version, main } = JSON.parse(
  readFileSync(join(folder, 'package.json'), 'utf8'),
);
app.setName(productName ?? name);
app.setVersion(version ?? '0.0.0');
app.setAppPath(folder);
// Awaited, since Electron is ready only when this module is through: schemes are registered before.
try {
  await import(pathToFileURL(join(folder, main)).href);
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  app.exit(70);
}
