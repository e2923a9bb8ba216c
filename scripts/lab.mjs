/** `npm run lab`: set-up, then `kbl run` with the words that follow. */
import { orExplain, setup } from './setup.mjs';

const words = process.argv.slice(2);
const ownSource = words.some((word) => word === '--source' || word.startsWith('--source='));
await orExplain(() => setup(['build', 'patch', 'boot'], ownSource ? ['linux-source'] : []));

// npm runs scripts in the checkout; paths on the command line are the user's.
process.chdir(process.env['INIT_CWD'] ?? process.cwd());
process.argv.splice(2, words.length, 'run', ...words);
await import('../bin/kbl.mjs');
