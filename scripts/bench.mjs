/**
 * `npm run bench:NAME`: set-up with what benchmarks need besides, then bench/NAME.ts, or
 * bench/app/main.ts, which drives the desktop app as the tests do and shares their support.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { orExplain, root, setup } from './setup.mjs';
import { SetupError } from './setup/command.mjs';
import { filesUnder } from './setup/compile.mjs';

const [name = '', ...words] = process.argv.slice(2);
const app = name === 'app';
await orExplain(async () => {
  await setup(app ? ['boot', 'app'] : ['build', 'merge', 'patch', 'boot', 'bench']);
  if (app && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    throw new SetupError('there is no display for the app; try `xvfb-run -a npm run bench:app`');
  }
});

// npm runs scripts in the checkout; paths on the command line are the user's.
process.chdir(process.env['INIT_CWD'] ?? process.cwd());
process.argv.splice(2, words.length + 1, ...words);
if (app) await compileTests();
await import(new URL(`../dist/bench/${app ? 'app/main' : name}.js`, import.meta.url).href);

/** The tests' support goes beside the compiled sources, which it imports; a package must not have it. */
async function compileTests() {
  process.on('exit', () => rmSync(join(root, 'dist', 'test'), { recursive: true, force: true }));
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: filesUnder(root, 'test').filter((file) => file.endsWith('.ts')),
    ...{ outdir: 'dist', outbase: '.', format: 'esm', platform: 'node', target: 'node20' },
    logLevel: 'warning',
  });
}
