import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { experimentsDocument, exportDocument } from '../../../engine/contract.js';
import { createExperiment } from '../../../engine/experiment/runner.js';
import { comparisonDocument } from '../../../engine/report/schema.js';
import { performedExitCode, type Performed } from '../../../engine/cli/perform.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { kbl } from '../../support/kbl.js';
import { testFolder } from '../../support/test-folder.js';
import { newRun, runResult } from '../../support/workspace-records.js';

/** A workspace with one experiment that has not run. */
async function workspaceWith(name: string): Promise<string> {
  const home = await testFolder();
  const workspace = await openWorkspace(home);
  await createExperiment(workspace, {
    name,
    plan: {
      schema: 1,
      cells: [{ image: 'a'.repeat(64), label: 'native', environment: 'bare' }],
      workloads: ['null'],
      repeat: 1,
      machine: { cpu: 'qemu64', memory: 512, dom0Memory: 384 },
      append: '',
    },
  });
  await workspace.close();
  return home;
}

describe('experiments, compare and export', () => {
  it('list and show what is stored', async () => {
    const home = await workspaceWith('first');
    const { stdout } = await kbl(home, ['experiments', '--json']);
    const { experiments } = experimentsDocument.parse(JSON.parse(stdout));
    expect(experiments).toMatchObject([{ name: 'first', state: 'planned', runs: [] }]);
    expect((await kbl(home, ['experiments', '--names'])).stdout).toBe('first\n');
    expect((await kbl(home, ['experiments', '1'])).stdout).toMatch(/^name +first$/m);
  });

  it('compare an experiment whose runs are missing without inventing figures', async () => {
    const home = await workspaceWith('first');
    const { code, stdout } = await kbl(home, ['compare', 'first', '--json']);
    expect(code).toBe(0);
    const { cells } = comparisonDocument.parse(JSON.parse(stdout));
    expect(cells).toMatchObject([{ workload: 'null', state: 'missing', instructions: null }]);
  });

  it('export the formats that are asked for, with a file name that is no path', async () => {
    const home = await workspaceWith('../first try');
    const folder = join(home, 'out', 'deep');
    const words = ['export', '../first try', '-o', folder, '--format', 'csv,md', '--json'];
    const { files } = exportDocument.parse(JSON.parse((await kbl(home, words)).stdout));
    expect(files).toEqual([join(folder, 'first-try.csv'), join(folder, 'first-try.md')]);
    expect(await readdir(folder)).toEqual(['first-try.csv', 'first-try.md']);
  });

  it('say how many runs of the plan are done, not of those that were begun', async () => {
    const { stdout } = await kbl(await workspaceWith('first'), ['experiments']);
    expect(stdout).toMatch(/first +planned +0 of 1 /);
  });

  it('show how the console of a failed run ended', async () => {
    const home = await workspaceWith('first');
    const workspace = await openWorkspace(home);
    const { runs } = workspace.database;
    const { id } = await runs.start(newRun(1));
    const console = Buffer.from('\u001b[31mKernel panic - not syncing: no init\u001b[0m\r\n');
    await runs.finish(id, {
      ...runResult({ state: 'failed', outcome: 'kernel-panic', console }),
      ...{ bootInstructions: null, measurements: [], samples: [] },
    });
    await workspace.close();
    const { stdout } = await kbl(home, ['experiments', 'first']);
    expect(stdout).toContain(
      'the console of run 1 ends with\n  Kernel panic - not syncing: no init\n',
    );
  });

  it('print the console of a run, without what a terminal would obey', async () => {
    const home = await workspaceWith('first');
    const workspace = await openWorkspace(home);
    const { runs } = workspace.database;
    const { id } = await runs.start(newRun(1));
    await runs.start(newRun(1, { repetition: 1 }));
    const console = Buffer.from('Linux version 6.1\r\n\u001b]0;title\u0007ready\r\n');
    await runs.finish(id, runResult({ console }));
    await workspace.close();
    const words = ['experiments', 'first', '--console', '1'];
    expect((await kbl(home, words)).stdout).toBe('Linux version 6.1\nready\n');
    const { stdout } = await kbl(home, [...words, '--json']);
    expect(experimentsDocument.parse(JSON.parse(stdout)).console).toEqual({
      run: 1,
      text: console.toString(),
      truncated: false,
    });
    const going = await kbl(home, ['experiments', 'first', '--console', '2']);
    expect(going.stderr).toContain('[run-without-console]');
    const none = await kbl(home, ['experiments', 'first', '--console', '9']);
    expect(none.stderr).toContain('[run-unknown]');
    expect((await kbl(home, ['experiments', '--console', '1'])).stderr).toContain('[cli-usage]');
  });

  it('refuse an export folder that cannot be one', async () => {
    const home = await workspaceWith('first');
    const folder = join(home, 'lab.sqlite', 'out');
    const { code, stderr } = await kbl(home, ['export', 'first', '-o', folder]);
    expect(code).toBe(4);
    expect(stderr).toContain('[report-write-failed]');
  });

  it('refuse a format that does not exist', async () => {
    const result = await kbl(await workspaceWith('first'), ['export', 'first', '--format', 'doc']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--format "doc": expected some of csv,xlsx,ods,json,md');
  });
});

describe('run', () => {
  it('refuses a name that is taken and a flavour that is none before it builds anything', async () => {
    const home = await workspaceWith('first');
    const taken = await kbl(home, ['run', '--name', 'first', '--source', '/nowhere']);
    expect(taken.stderr).toContain('[name-taken]');
    const unknown = await kbl(home, ['run', '--flavours', 'native,no', '--source', '/nowhere']);
    expect(unknown.stderr).toContain('[build-unknown-flavour]');
    const none = await kbl(home, ['run', '--flavours', ',']);
    expect(none.stderr).toContain('[cli-usage]');
  });
});

describe('the exit code of an experiment that ran', () => {
  const column = { runs: [{ state: 'failed', differsFrom: [] }] };
  const performed = (state: string): Performed =>
    ({ comparison: { experiment: { state }, columns: [column] }, files: [] }) as never;

  it('is that of a failed boot only when no later boot made up for it', () => {
    expect(performedExitCode(performed('failed'))).toBe(6);
    expect(performedExitCode(performed('done'))).toBe(0);
  });
});
