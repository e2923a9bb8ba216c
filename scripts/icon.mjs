/**
 * `npm run icon`: draws electron/icon/icon.svg in the sizes that desktops show, and packs
 * them for Windows and macOS. Needs rsvg-convert. The results are committed: packaging
 * must not need it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, say } from './setup/command.mjs';
import { icns, ico } from './package/icon-files.mjs';

const folder = join(import.meta.dirname, '..', 'electron', 'icon');
const sides = [16, 32, 48, 64, 128, 256, 512];

/** @param {number} side @returns {[number, Buffer]} */
function draw(side) {
  const file = join(folder, `${side}.png`);
  const size = String(side);
  const svg = join(folder, 'icon.svg');
  const { ok, said } = run('rsvg-convert', ['-w', size, '-h', size, '-o', file, svg]);
  if (!ok) {
    say(`error: ${said}`);
    say('  hint: rsvg-convert draws the icon (Debian: sudo apt-get install librsvg2-bin)');
    process.exit(4);
  }
  return [side, readFileSync(file)];
}

const pictures = new Map(sides.map(draw));
writeFileSync(join(folder, 'icon.icns'), icns(pictures));
writeFileSync(
  join(folder, 'icon.ico'),
  ico(new Map([...pictures].filter(([side]) => side <= 256))),
);
