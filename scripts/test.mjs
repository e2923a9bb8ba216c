/**
 * `npm test`: set-up, then lint, format, types, unit and property tests,
 * integration tests with real kernels, and end-to-end tests of the desktop app.
 * `npm test -- --unit` leaves the last two out; KBL_SLOW=1 adds the tests that
 * build kernels twice.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orExplain, root, setup } from './setup.mjs';
import { say } from './setup/command.mjs';
import { countReport, totalLine } from './test/count.mjs';

/** @typedef {import('./test/count.mjs').Count} Count */

const unknown = process.argv.slice(2).filter((word) => word !== '--unit');
if (unknown.length > 0) {
  say(`error: npm test does not know ${unknown.join(' ')}; it takes --unit`);
  process.exit(2);
}
const unitOnly = process.argv.includes('--unit');
const slow = !unitOnly && process.env['KBL_SLOW'] === '1';

await orExplain(() =>
  setup(unitOnly ? ['patch'] : ['build', 'merge', 'patch', 'boot', 'app', 'test']),
);

/** @param {string} tool @param {string[]} argv */
function runTool(tool, argv) {
  const bin = join(root, 'node_modules', '.bin', tool);
  return spawnSync(bin, argv, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** A tool that only says yes or no counts as one test. @param {string} tool @param {string[]} argv @returns {Count} */
function check(tool, ...argv) {
  const ok = runTool(tool, argv);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/** @param {string} project  of vitest.config.ts @returns {Count} */
function vitest(project) {
  const folder = mkdtempSync(join(tmpdir(), 'kbl-test-'));
  const file = join(folder, 'report.json');
  const ok = runTool('vitest', [
    ...['run', '--project', project, '--passWithNoTests'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
  ]);
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Vitest died before it could write; `ok` is false then.
  }
  rmSync(folder, { recursive: true, force: true });
  return countReport(report, ok);
}

/** @type {[string, () => Count][]} */
const steps = [
  ['lint', () => check('eslint', '.', '--max-warnings=0')],
  ['format', () => check('prettier', '--check', '--log-level=warn', '.')],
  ['types', () => check('tsc', '--project', '.')],
  ['app types', () => check('tsc', '--project', 'electron/preload')],
  ['e2e types', () => check('tsc', '--project', 'test/e2e')],
  ['bench types', () => check('tsc', '--project', 'bench/app')],
  [
    'svelte',
    () => check('svelte-check', '--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings'),
  ],
  ['unit', () => vitest('unit')],
];
if (!unitOnly) {
  steps.push(['integration', () => vitest('integration')], ['e2e', () => vitest('e2e')]);
}
if (slow) steps.push(['slow', () => vitest('slow')]);

const results = steps.map(([name, step]) => {
  process.stdout.write(`\n== ${name}\n`);
  const begin = Date.now();
  return { name, count: step(), seconds: (Date.now() - begin) / 1000 };
});

process.stdout.write('\n');
for (const { name, count, seconds } of results) {
  process.stdout.write(
    `${name.padEnd(12)} ${totalLine([count]).padEnd(36)} ${seconds.toFixed(1)} s\n`,
  );
}
const counts = results.map(({ count }) => count);
process.stdout.write(`${totalLine(counts)}\n`);
process.exitCode = counts.some(({ failed }) => failed > 0) ? 1 : 0;
