/**
 * How long the ELF reader takes for sections, symbols, functions and every
 * relocation of a vmlinux: `npm run bench:elf -- VMLINUX [RUNS]`. Each run
 * opens the file anew; the first warms the page cache and is not counted.
 */
import {
  openFileSource,
  readAllRelocations,
  readElf,
  readFunctions,
  readSymbols,
} from '../engine/elf/index.js';

const [file, runs = '11'] = process.argv.slice(2);
if (!file) {
  console.error('usage: npm run bench:elf -- VMLINUX [RUNS]');
  process.exit(2);
}

function load(path: string): string {
  const source = openFileSource(path);
  try {
    const elf = readElf(source);
    const symbols = readSymbols(elf);
    const functions = symbols && readFunctions(symbols);
    const relocations = readAllRelocations(elf).reduce((sum, table) => sum + table.length, 0);
    return (
      `${elf.sections.length} sections, ${symbols?.length ?? 0} symbols, ` +
      `${functions?.length ?? 0} functions, ${relocations} relocations`
    );
  } finally {
    source.close();
  }
}

const first = performance.now();
console.log(`${file}: ${load(file)}`);
console.log(`first run ${(performance.now() - first).toFixed(1)} ms (cold code)`);
const times: number[] = [];
for (let i = 0; i < Number(runs); i++) {
  const begin = performance.now();
  load(file);
  times.push(performance.now() - begin);
}
times.sort((a, b) => a - b);
const median = times[times.length >> 1] ?? NaN;
console.log(`${times.length} runs: median ${median.toFixed(1)} ms, min ${times[0]?.toFixed(1)} ms`);
