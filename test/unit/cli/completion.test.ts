import { spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kbl } from '../../support/kbl.js';
import { testFolder } from '../../support/test-folder.js';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** A folder with a `kbl` that knows two images and one experiment, and the script of a shell. */
async function prepare(shell: string): Promise<{ folder: string; script: string }> {
  const folder = await testFolder();
  const { stdout } = await kbl(folder, ['completion', shell]);
  const script = join(folder, `completion.${shell}`);
  await writeFile(script, stdout);
  const program = join(folder, 'bin', 'kbl');
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'work', 'sub'), { recursive: true });
  await writeFile(join(folder, 'work', 'vmlinuz'), '');
  await writeFile(
    program,
    `#!/bin/sh
case "$1 $2" in
  "images --names") printf 'native-6.1\\nmy kernel\\n' ;;
  "experiments --names") echo lab ;;
esac
`,
  );
  await chmod(program, 0o755);
  return { folder, script };
}

function run(shell: string, folder: string, code: string): string[] {
  const env = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` };
  const options = { cwd: join(folder, 'work'), env, encoding: 'utf8' } as const;
  const { stdout, stderr } = spawnSync(shell, ['-c', code], options);
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

describe('bash completion', () => {
  const complete = async (...words: string[]): Promise<string[]> => {
    const { folder, script } = await prepare('bash');
    return run(
      'bash',
      folder,
      `compopt() { :; }; source ${script}
       COMP_WORDS=(kbl ${quoted(words)}); COMP_CWORD=${words.length}
       _kbl; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
  };

  it.each([
    ['verbs', ['im'], ['images', 'import']],
    ['verbs after a common option', ['--workspace', '/tmp', 'insp'], ['inspect']],
    ['environments', ['boot', 'x', '--as', 'x'], ['xen-pv-dom0', 'xen-pvh-dom0']],
    ['options', ['merge', '--o'], ['--output']],
    ['names of images, and files', ['boot', ''], ['native-6.1', 'my\\ kernel', 'vmlinuz', 'sub']],
    ['the second image too', ['merge', 'a', 'n'], ['native-6.1']],
    ['experiments', ['compare', ''], ['lab']],
    ['flavours, as often as wanted', ['build', 'native', 'x'], ['xen']],
    ['formats', ['export', 'lab', '--format', 'x'], ['xlsx']],
    ['folders only', ['export', 'lab', '-o', ''], ['sub']],
    ['no values where any word may stand', ['boot', 'x', '--append', ''], []],
  ])('offers %s', async (_what, words, expected) => {
    expect((await complete(...words)).sort()).toEqual([...expected].sort());
  });
});

describe.skipIf(!has('zsh'))('zsh completion', () => {
  it('loads without a complaint, and registers itself', async () => {
    const { folder, script } = await prepare('zsh');
    const code = `autoload -Uz compinit && compinit -u -d ${folder}/dump; source ${script}; echo $_comps[kbl]`;
    expect(run('zsh', folder, code)).toEqual(['_kbl']);
  });
});

describe.skipIf(!has('fish'))('fish completion', () => {
  const complete = async (line: string): Promise<string[]> => {
    const { folder, script } = await prepare('fish');
    const lines = run('fish', folder, `source ${script}; complete -C '${line}'`);
    return lines.map((one) => one.split('\t', 1)[0] ?? '');
  };

  it('offers verbs, values and names', async () => {
    expect(await complete('kbl insp')).toEqual(['inspect']);
    expect(await complete('kbl boot x --as x')).toEqual(
      expect.arrayContaining(['xen-pv-dom0', 'xen-pvh-dom0']),
    );
    expect(await complete('kbl compare ')).toEqual(['lab']);
    expect(await complete('kbl inspect na')).toEqual(['native-6.1']);
  });
});
