import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { importRules } from '../../../eslint.config.mjs';
import { projectRoot } from '../../../engine/paths.js';
import { testFolder } from '../../support/test-folder.js';

/** Messages of the import rules for a file that need not exist. */
async function lint(path: string, code: string, root = projectRoot): Promise<string[]> {
  const eslint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig: importRules });
  const [result] = await eslint.lintText(code, { filePath: join(root, path) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const direction = ['imports/direction'];

describe('the import-direction rule', () => {
  it.each([
    ['engine/elf/new.ts', '../build/digest.js'],
    ['engine/elf/new.ts', '../bzimage/index.js'],
    ['engine/elf/new.ts', '../../db/records.js'],
    ['engine/bzimage/new.ts', '../merge/index.js'],
    ['engine/bzimage/new.ts', '../paths.js'],
    ['engine/errors/new.ts', '../elf/index.js'],
    ['engine/report/new.ts', '../cli/run.js'],
    ['engine/new.ts', './cli/run.js'],
    ['engine/contract.ts', './compare/compare.js'],
    ['engine/boot/new.ts', '../../scripts/setup.mjs'],
    ['engine/boot/new.ts', '../../test/support/test-folder.js'],
    ['db/new.ts', '../engine/build/digest.js'],
    ['db/new.ts', '../engine/cli/run.js'],
  ])('%s must not import %s', async (path, from) => {
    expect(await lint(path, `import * as x from '${from}';\nexport default x;`)).toEqual(direction);
  });

  it.each([
    ['engine/elf/new.ts', '../units.js'],
    ['engine/elf/new.ts', '../errors/elf.js'],
    ['engine/bzimage/new.ts', '../elf/index.js'],
    ['engine/report/new.ts', '../../db/records.js'],
    ['engine/cli/new.ts', '../report/text.js'],
    ['engine/contract/documents/diff.ts', '../../compare/types.js'],
    ['db/new.ts', '../engine/errors/database.js'],
    ['db/new.ts', '../engine/build/types.js'],
    ['test/unit/new.test.ts', '../../engine/cli/run.js'],
  ])('%s may import %s', async (path, from) => {
    expect(await lint(path, `import * as x from '${from}';\nexport default x;`)).toEqual([]);
  });

  it('keeps SQL in db/', async () => {
    const code = "import sqlite3 from 'sqlite3';\nexport default sqlite3;";
    expect(await lint('engine/report/new.ts', code)).toEqual(['no-restricted-imports']);
    expect(await lint('db/new.ts', code)).toEqual([]);
  });

  it('reports a cycle', async () => {
    const root = await testFolder();
    const first = "import { b } from './b.js';\nexport const a = b;";
    await writeFile(join(root, 'a.ts'), first);
    await writeFile(join(root, 'b.ts'), "import { a } from './a.js';\nexport const b = a;");
    expect(await lint('a.ts', first, root)).toEqual(['imports/no-cycle']);
  });
});
