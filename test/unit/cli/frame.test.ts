import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { errorDocument } from '../../../engine/contract.js';
import { bzimageErrors, commonErrors } from '../../../engine/errors/index.js';
import { defineVerb, type Verb } from '../../../engine/cli/verb.js';
import { verbs } from '../../../engine/cli/verbs/index.js';
import { kbl } from '../../support/kbl.js';
import { testFolder } from '../../support/test-folder.js';

/** A verb that does what a test needs. */
const verb = (run: Verb['run'], exitCode?: Verb['exitCode']): Verb =>
  defineVerb({
    name: 'try',
    summary: 'a verb for tests',
    examples: [['kbl try', 'try it']],
    input: z.object({ times: z.string().optional() }),
    options: [{ flags: '--times <n>', description: 'how often' }],
    reply: z.strictObject({ answer: z.number() }),
    run,
    document: (result) => result as { answer: number },
    render: (result) => `answer ${String((result as { answer: number }).answer)}`,
    exitCode,
  });

describe('the frame', () => {
  it('prints an answer as text, and as one JSON document with --json before or after the verb', async () => {
    const verbs = [verb(() => Promise.resolve({ answer: 42 }))];
    const home = await testFolder();
    expect(await kbl(home, ['try'], { verbs })).toEqual({
      code: 0,
      stdout: 'answer 42\n',
      stderr: '',
    });
    for (const words of [
      ['--json', 'try'],
      ['try', '--json'],
    ]) {
      const { stdout } = await kbl(home, words, { verbs });
      expect(JSON.parse(stdout)).toEqual({ answer: 42 });
    }
  });

  it('keeps progress and notes away from stdout', async () => {
    const verbs = [
      verb((context) => {
        context.job.onProgress({ kind: 'start', job: 'a', title: 'building' });
        context.note('something to know');
        context.job.onProgress({ kind: 'end', job: 'a', result: 'done' });
        return Promise.resolve({ answer: 1 });
      }),
    ];
    const { stdout, stderr } = await kbl(await testFolder(), ['try', '--json'], { verbs });
    expect(JSON.parse(stdout)).toEqual({ answer: 1 });
    expect(stderr).toBe('building ...\nsomething to know\nbuilding: done 0:00\n');
  });

  it('prints an error of the catalogue with its place, hint and code, and its exit code', async () => {
    const error = bzimageErrors
      .notKernel({ found: '00000000' })
      .at({ file: 'vm\u001b[2Jlinuz', offset: 0x1f1, section: '.note.Xen', symbol: 'xen_start' });
    const verbs = [verb(() => Promise.reject(error))];
    const { code, stdout, stderr } = await kbl(await testFolder(), ['try'], { verbs });
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr.split('\n')).toEqual([
      'error: this is no kernel image: it begins with 00000000 [image-not-kernel]',
      '  at vm\ufffd[2Jlinuz:0x0 .note.Xen xen_start',
      `  hint: ${error.hint}`,
      '',
    ]);
  });

  it('prints the same error as a document with --json', async () => {
    const verbs = [
      verb(() => Promise.reject(commonErrors.fileMissing({ file: 'x', what: 'a file' }))),
    ];
    const { stdout } = await kbl(await testFolder(), ['try', '--json'], { verbs });
    const { error } = errorDocument.parse(JSON.parse(stdout));
    expect(error).toMatchObject({ code: 'file-missing', kind: 'input', place: { file: 'x' } });
  });

  it('answers a bug with 70, one message, and the stack in the log', async () => {
    const home = await testFolder();
    const verbs = [verb(() => Promise.reject(new TypeError('broken')))];
    const { code, stderr } = await kbl(home, ['try'], { verbs });
    expect(code).toBe(70);
    expect(stderr).toContain('a bug in Kernel Boot Lab: broken');
    expect(stderr).not.toContain('frame.test.ts');
    expect(await readFile(join(home, 'log', 'kbl.log'), 'utf8')).toContain('frame.test.ts');
  });

  it('takes the exit code of an answer from the verb', async () => {
    const verbs = [
      verb(
        () => Promise.resolve({ answer: 1 }),
        () => 8,
      ),
    ];
    expect((await kbl(await testFolder(), ['try'], { verbs })).code).toBe(8);
  });

  it('stops on the first SIGINT with 130, whatever the job throws', async () => {
    const verbs = [
      verb(async ({ job: { signal } }) => {
        const stopped = new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('child died')));
        });
        process.kill(process.pid, 'SIGINT');
        await stopped;
      }),
    ];
    const { code, stderr } = await kbl(await testFolder(), ['try'], { verbs });
    expect(code).toBe(130);
    expect(stderr).toContain('kbl try was cancelled');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });

  it.each([
    [['frob'], "unknown command 'frob'"],
    [['boot'], "missing required argument 'image'"],
    [['build', 'native', '--jobs', 'many'], '--jobs "many": expected a whole number from 1'],
    [
      ['boot', 'x', '--as', 'mars'],
      '--as "mars": expected one of bare, xen-pv-dom0, xen-pvh-dom0, uefi',
    ],
    [['images', '--jso'], "unknown option '--jso' (Did you mean --json?)"],
    [['completion', 'tcsh'], '<shell> "tcsh": expected one of bash, zsh, fish'],
  ])('refuses %j with 2', async (words, message) => {
    const { code, stdout, stderr } = await kbl(await testFolder(), words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message} [cli-usage]\n  hint: see kbl`);
  });

  it('shows help without a verb, and the version', async () => {
    const home = await testFolder();
    expect((await kbl(home, ['--help'])).stdout).toContain('Usage: kbl');
    expect((await kbl(home, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('takes a full disk for what it is, wherever it shows', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
    });
    const home = await testFolder();
    const { code, stderr } = await kbl(home, ['try'], {
      verbs: [verb(() => Promise.reject(full))],
    });
    expect(code).toBe(4);
    expect(stderr).toContain('[workspace-full]');
  });

  it('says so when the workspace cannot be one', async () => {
    const file = join(await testFolder(), 'file');
    await writeFile(file, '');
    const { code, stderr } = await kbl(file, ['images']);
    expect(code).toBe(4);
    expect(stderr).toContain('[workspace-not-folder]');
  });
});

describe('every verb', () => {
  it.each(verbs.map((one) => [one.name, one] as const))(
    '%s has help with an example of its own',
    async (name, { examples }) => {
      const { code, stdout } = await kbl(await testFolder(), [name, '--help']);
      expect(code).toBe(0);
      expect(examples.length).toBeGreaterThan(0);
      for (const [command] of examples) {
        expect(command).toContain(`kbl ${name}`);
        expect(stdout).toContain(`$ ${command}`);
      }
    },
  );
});
