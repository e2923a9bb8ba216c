import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cliPage, errorsPage, schemaFiles } from '../../../engine/cli/reference/pages.js';
import { sitesPage } from '../../../engine/cli/reference/support-matrix.js';
import { verbs } from '../../../engine/cli/verbs/index.js';
import * as catalogue from '../../../engine/errors/index.js';
import { families } from '../../../engine/patch/families/index.js';
import { projectPath } from '../../../engine/paths.js';

const docs = (...parts: string[]): string => projectPath('docs', ...parts);
const read = (...parts: string[]): string => readFileSync(docs(...parts), 'utf8');

describe('generated documents are those of the code (npm run docs)', () => {
  it('docs/cli.md', () => {
    const page = read('cli.md');
    expect(page).toBe(cliPage(page, verbs));
  });

  it('docs/errors.md', () => {
    expect(read('errors.md')).toBe(errorsPage());
  });

  it('the support matrix in docs/patching/sites.md', () => {
    const page = read('patching', 'sites.md');
    expect(page).toBe(sitesPage(page));
    for (const { name, support } of families) expect(support, name).toBeDefined();
    for (const { name } of families) expect(page).toContain(`| \`${name}\` `);
  });

  it('docs/schema', () => {
    const files = schemaFiles(verbs);
    expect(readdirSync(docs('schema')).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(read('schema', name), name).toBe(text);
  });
});

it('every error code is there once, and in the form that scripts rely on', () => {
  const codes = Object.entries(catalogue)
    .filter(([name]) => name.endsWith('Errors'))
    .flatMap(([, room]) => Object.values(room as unknown as Record<string, { code: string }>))
    .map(({ code }) => code);
  expect(codes.length).toBeGreaterThan(40);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});
