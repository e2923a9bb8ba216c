/** `npm run bench:NAME`: set-up with what benchmarks need besides, then bench/NAME.ts. */
import { orExplain, setup } from './setup.mjs';

const [name = '', ...words] = process.argv.slice(2);
await orExplain(() => setup(['build', 'merge', 'boot', 'bench']));

// npm runs scripts in the checkout; paths on the command line are the user's.
process.chdir(process.env['INIT_CWD'] ?? process.cwd());
process.argv.splice(2, words.length + 1, ...words);
await import(new URL(`../dist/bench/${name}.js`, import.meta.url).href);
