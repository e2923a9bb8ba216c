import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runTool } from '../../../engine/build/process.js';
import { compile, start } from '../../support/spawn-ts.js';
import { testFolder } from '../../support/test-folder.js';
import { isRunning } from './fake-kernel.js';

/** A tool whose grandchild writes its pid and sleeps. */
const sleeper = `sh -c 'echo $$ > "$1"; exec sleep 60' sh "$1" & wait`;

async function pidIn(file: string): Promise<number> {
  for (;;) {
    const text = existsSync(file) ? await readFile(file, 'utf8') : '';
    if (text.endsWith('\n')) return Number(text);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('runTool', () => {
  it('hands on lines of stdout and stderr in order, and the exit status', async () => {
    const lines: string[] = [];
    const status = await runTool({
      what: 'a test',
      program: 'sh',
      argv: ['-c', 'echo one; echo two >&2; printf three; exit 7'],
      environment: process.env,
      onLine: (line) => lines.push(line),
    });
    expect({ lines, status }).toEqual({ lines: ['one', 'two', 'three'], status: 7 });
  });

  it('kills grandchildren when it is cancelled', async () => {
    const file = join(await testFolder(), 'pid');
    const controller = new AbortController();
    const done = runTool({
      what: 'a test',
      program: 'sh',
      argv: ['-c', sleeper, 'sh', file],
      environment: process.env,
      signal: controller.signal,
    });
    const pid = await pidIn(file);
    controller.abort();
    await expect(done).rejects.toMatchObject({ code: 'cancelled', kind: 'interrupted' });
    expect(isRunning(pid)).toBe(false);
  });

  it('leaves no process behind when we are killed outright', async () => {
    const file = join(await testFolder(), 'pid');
    const program = await compile(new URL('./sleeping-tool.ts', import.meta.url));
    onTestFinished(() => program.remove());
    const runner = start(program, [sleeper, file]);
    const pid = await pidIn(file);
    await runner.kill();
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
