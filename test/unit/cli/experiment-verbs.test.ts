import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { experimentsDocument, exportDocument } from '../../../engine/contract.js';
import { createExperiment } from '../../../engine/experiment/runner.js';
import { comparisonDocument } from '../../../engine/report/schema.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { kbl } from '../../support/kbl.js';
import { testFolder } from '../../support/test-folder.js';

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

  it('refuse a format that does not exist', async () => {
    const result = await kbl(await workspaceWith('first'), ['export', 'first', '--format', 'doc']);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('--format "doc": expected some of csv,xlsx,ods,json,md');
  });
});
