import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shellQuote } from '../../engine/boot/index.js';
import { testKernel } from '../support/kernels.js';
import { compile, start, type TestProgram } from '../support/spawn-ts.js';
import { tinyInitrd } from '../support/tiny-guest.js';

const root = mkdtempSync(join(tmpdir(), 'kbl-boot-'));
let program: TestProgram;

beforeAll(async () => {
  program = await compile(new URL('../support/boot-program.ts', import.meta.url));
});
afterAll(async () => {
  await program.remove();
  rmSync(root, { recursive: true, force: true });
});

function words(how: string, init: Parameters<typeof tinyInitrd>[1]): string[] {
  const folder = mkdtempSync(join(root, 'run-'));
  return [how, folder, testKernel('native').bzImage, tinyInitrd(root, init)];
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('no emulator outlives the lab', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('killed by %s', async (signal) => {
    const lab = start(program, words('batch', 'busy'));
    const emulator = Number(await lab.line());
    expect(alive(emulator)).toBe(true);
    const ended = new Promise((resolve) => lab.child.once('exit', (_code, by) => resolve(by)));
    lab.child.kill(signal);
    expect(await ended).toBe(signal);
    await expect.poll(() => alive(emulator), { timeout: 20_000 }).toBe(false);
  });

  it('ended by an uncaught exception', async () => {
    const [file, ...rest] = [program.file, ...words('throw', 'busy')];
    const lab = spawn(process.execPath, [file, ...rest], { stdio: ['ignore', 'pipe', 'ignore'] });
    const emulator = Number(
      await new Promise((resolve, reject) => {
        lab.stdout.once('data', (data) => resolve(String(data)));
        lab.once('exit', () => reject(new Error('it ended before it said a word')));
      }),
    );
    const status = await new Promise((resolve) => lab.once('exit', resolve));
    expect(status).toBe(1);
    await expect.poll(() => alive(emulator), { timeout: 20_000 }).toBe(false);
  });
});

describe('a terminal', () => {
  /** Runs the program, then `stty -a`, in a pseudo terminal. */
  function inTerminal(init: Parameters<typeof tinyInitrd>[1]) {
    const command = [process.execPath, program.file, ...words('terminal', init)];
    const line = `${command.map(shellQuote).join(' ')}; stty -a`;
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let shown = '';
    child.stdout.on('data', (data) => (shown += String(data)));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    return {
      type: (keys: string) => child.stdin.write(keys),
      shows: (what: RegExp) => expect.poll(() => shown, { timeout: 120_000 }).toMatch(what),
      ended: async () => (await ended, shown),
    };
  }

  it('types to the guest, Ctrl-C too, and is put back when the guest is done', async () => {
    const terminal = inTerminal('echo');
    await terminal.shows(/Ctrl-A x ends the guest/);
    await terminal.shows(/echo ready/);
    terminal.type('hello\r');
    await terminal.shows(/hello\r*\n+hello\r*\n/);
    terminal.type('\x03bye\r');
    const shown = await terminal.ended();
    expect(shown).toMatch(/outcome: completed/);
    expect(shown).toMatch(/ icanon .* echo /s);
  });

  it('is put back when Ctrl-A x ends the guest', async () => {
    const terminal = inTerminal('busy');
    await terminal.shows(/^busy/m);
    terminal.type('\x01');
    terminal.type('x');
    const shown = await terminal.ended();
    expect(shown).toMatch(/outcome: cancelled/);
    expect(shown).toMatch(/ icanon .* echo /s);
  });
});
