import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bootDocument } from '../../engine/contract.js';
import { projectPath } from '../../engine/paths.js';
import { testKernel } from '../support/kernels.js';
import { testFolder } from '../support/test-folder.js';

const program = projectPath('bin', 'kbl.mjs');

/** Processes that work in a folder: an emulator works in its run's. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false; // gone, or not ours
      }
    });
}

describe('the kbl program', () => {
  it('says nothing when the reader of its output has gone', () => {
    const { stdout, stderr } = spawnSync('bash', ['-c', `node ${program} --help | head -1`], {
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'Usage: kbl [options] [command]\n', stderr: '' });
  });

  it('boots an image and prints one document, with the console on stderr', async () => {
    const home = await testFolder();
    const words = [program, 'boot', testKernel('native').bzImage, '--json', '--workspace', home];
    const { status, stdout, stderr } = spawnSync('node', words, { encoding: 'utf8' });
    expect(status).toBe(0);
    const { result, command } = bootDocument.parse(JSON.parse(stdout));
    expect(result?.outcome).toBe('completed');
    expect(command.kernelCommandLine).toContain('console=ttyS0');
    expect(stderr).toContain('Linux version 6.1');
  });

  it('on Ctrl-C ends the emulator and exits with 130', async () => {
    const home = await testFolder();
    const child = spawn(
      'node',
      [program, 'boot', testKernel('native').bzImage, '--workspace', home],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    const exited = once(child, 'exit');
    let console = '';
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        console += chunk.toString();
        if (console.includes('Linux version')) resolve();
      });
    });
    expect(processesIn(home)).not.toEqual([]);
    child.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
    expect(processesIn(home)).toEqual([]);
  });
});
