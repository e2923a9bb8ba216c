import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { experimentsDocument } from '../../engine/contract.js';
import { projectPath } from '../../engine/paths.js';
import { comparisonDocument } from '../../engine/report/schema.js';
import { testKernel } from '../support/kernels.js';
import { testFolder } from '../support/test-folder.js';

const program = projectPath('bin', 'kbl.mjs');

/** Runs kbl to its end and parses its document. */
function kbl(home: string, ...words: string[]): { status: number | null; document: unknown } {
  const { status, stdout, stderr } = spawnSync(
    'node',
    [program, ...words, '--json', '--workspace', home],
    { encoding: 'utf8' },
  );
  if (stdout === '') throw new Error(stderr);
  return { status, document: JSON.parse(stdout) as unknown };
}

function runStates(home: string): string[] {
  const { document } = kbl(home, 'experiments', 'killed');
  const { experiments } = experimentsDocument.parse(document);
  return experiments[0]?.runs.map(({ state }) => state) ?? [];
}

describe('an experiment whose process is killed', () => {
  it('is left readable, marked interrupted, and goes on where it stopped', async () => {
    const home = await testFolder();
    const kernel = testKernel('native').bzImage;
    const words = ['measure', kernel, '--workloads', 'null', '--repeat', '2', '--name', 'killed'];
    const child = spawn('node', [program, ...words, '--workspace', home], { stdio: 'pipe' });
    // The second boot begins when the first is stored.
    await new Promise<void>((resolve) => {
      let log = '';
      child.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('done') && log.trimEnd().endsWith(')')) resolve();
      });
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(runStates(home)).toEqual(['done', 'interrupted']);

    const { status, document } = kbl(home, 'resume', 'killed');
    expect(status).toBe(0);
    expect(runStates(home)).toEqual(['done', 'interrupted', 'done']);
    const { cells, flags } = comparisonDocument.parse(document);
    expect(flags).toEqual([]);
    expect(cells[0]).toMatchObject({ workload: 'null', environment: 'bare' });
  });
});
