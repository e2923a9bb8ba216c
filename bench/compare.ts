/**
 * How long comparing two vmlinux files takes, and how much memory:
 * `npm run bench:compare -- VMLINUX VMLINUX [RUNS]`. Each run opens the files
 * anew; the first warms the page cache and the code, and is not counted.
 */
import { compareKernels } from '../engine/compare/index.js';
import { openFileSource } from '../engine/elf/index.js';

const [fileA, fileB, runs = '5'] = process.argv.slice(2);
if (fileA === undefined || fileB === undefined) {
  console.error('usage: npm run bench:compare -- VMLINUX VMLINUX [RUNS]');
  process.exit(2);
}

async function compare(a: string, b: string): Promise<string> {
  const sources = [openFileSource(a), openFileSource(b)] as const;
  try {
    const { functions, objects } = await compareKernels(
      { source: sources[0], label: a },
      { source: sources[1], label: b },
    );
    return `${functions.length} functions, ${objects.length} objects`;
  } finally {
    for (const source of sources) source.close();
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
const first = performance.now();
console.log(await compare(fileA, fileB));
console.log(`first run ${(performance.now() - first).toFixed(0)} ms (cold code)`);
console.log(`memory after it: ${megabytes(process.memoryUsage.rss())} MB resident`);
const times: number[] = [];
for (let i = 0; i < Number(runs); i++) {
  const begin = performance.now();
  await compare(fileA, fileB);
  times.push(performance.now() - begin);
}
times.sort((a, b) => a - b);
const median = times[times.length >> 1] ?? NaN;
const peak = megabytes(process.resourceUsage().maxRSS * 1024);
console.log(`${times.length} runs: median ${median.toFixed(0)} ms, min ${times[0]?.toFixed(0)} ms`);
console.log(`largest resident size: ${peak} MB`);
