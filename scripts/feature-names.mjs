/**
 * `node scripts/feature-names.mjs SERIES FILE ...`: writes engine/patch/target/feature-names/SERIES.ts from
 * arch/x86/include/asm/cpufeatures.h of kernels of that series (`6.1 linux-source-6.1/arch/...`).
 * Numbers of the kernel's own features move between series, so each has a table.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const words = process.argv.slice(2);
if (words.length === 0 || words.length % 2 !== 0) {
  process.stderr.write('usage: node scripts/feature-names.mjs SERIES cpufeatures.h ...\n');
  process.exit(2);
}

const folder = join(root, 'engine/patch/target/feature-names');
mkdirSync(folder, { recursive: true });
for (let i = 0; i < words.length; i += 2) {
  const [series = '', file = ''] = words.slice(i, i + 2);
  writeFileSync(join(folder, `${series}.ts`), table(series, readFileSync(file, 'utf8')));
}

/**
 * @param {string} series
 * @param {string} header
 */
function table(series, header) {
  const capabilityWords = Number(/^#define\s+NCAPINTS\s+(\d+)/m.exec(header)?.[1]);
  /** @type {Map<number, string>} */
  const names = new Map();
  for (const [, name = '', word, bit] of header.matchAll(
    /^#define\s+X86_FEATURE_(\w+)\s+\(\s*(\d+)\s*\*\s*32\s*\+\s*(\d+)\s*\)/gm,
  )) {
    const number = Number(word) * 32 + Number(bit);
    if (!names.has(number)) names.set(number, name);
  }
  for (const [, name = '', first, , second] of header.matchAll(
    /^#define\s+X86_BUG_(\w+)\s+X86_BUG\(\s*(\d+)\s*(\*\s*32\s*\+\s*(\d+))?\s*\)/gm,
  )) {
    const bug = second === undefined ? Number(first) : Number(first) * 32 + Number(second);
    names.set(capabilityWords * 32 + bug, `BUG_${name}`);
  }
  const rows = [...names].sort(([a], [b]) => a - b).map(([number, name]) => `${number}:${name}`);
  return [
    `// Written by scripts/feature-names.mjs from asm/cpufeatures.h of Linux ${series}.`,
    '',
    '/** Numbers and names, without X86_FEATURE_ (`SMAP`) or X86_ (`BUG_F00F`). */',
    'export const rows = `',
    ...wrapped(rows, 100),
    '`;',
    '',
  ].join('\n');
}

/**
 * @param {readonly string[]} words
 * @param {number} width
 */
function wrapped(words, width) {
  /** @type {string[]} */
  const lines = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
