import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';
import { forbidden } from './rooms.mjs';

/**
 * Two rules for ESLint about imports between files of the project: `direction`
 * (rooms.mjs) and `no-cycle`. Imports of types alone vanish when compiled; they
 * make no cycle, but they do have a direction.
 *
 * @typedef {import('eslint').Rule.RuleModule} RuleModule
 * @typedef {import('eslint').Rule.Node} Node
 */

/**
 * The file that a relative import means: `./a.js` is written for `a.ts`.
 * @param {string} importer
 * @param {string} specifier
 */
function resolve(importer, specifier) {
  const path = join(dirname(importer), specifier);
  const source = path.replace(/\.js$/, '.ts');
  return existsSync(source) ? source : path;
}

/**
 * Calls back with every relative import of the file that is linted.
 * @param {(node: Node, specifier: string) => void} found
 * @returns {import('eslint').Rule.RuleListener}
 */
function onImports(found) {
  /** @param {any} node */
  const visit = (node) => {
    const specifier = node.source?.value;
    if (typeof specifier === 'string' && specifier.startsWith('.')) found(node.source, specifier);
  };
  return {
    ImportDeclaration: visit,
    ExportNamedDeclaration: visit,
    ExportAllDeclaration: visit,
    ImportExpression: visit,
  };
}

/** @type {RuleModule} */
const direction = {
  meta: { type: 'problem', schema: [] },
  create: (context) =>
    onImports((node, specifier) => {
      const from = relative(context.cwd, context.filename);
      const to = relative(context.cwd, resolve(context.filename, specifier));
      const message = forbidden(from, to);
      if (message !== undefined) context.report({ node, message });
    }),
};

/** @type {RuleModule} */
const noCycle = {
  meta: { type: 'problem', schema: [] },
  create: (context) =>
    onImports((node, specifier) => {
      if (/** @type {any} */ (node).parent?.importKind === 'type') return;
      const way = wayTo(context.filename, resolve(context.filename, specifier));
      if (way === undefined) return;
      const names = way.map((file) => relative(context.cwd, file)).join(' -> ');
      context.report({ node, message: `a cycle of imports: ${names}` });
    }),
};

/**
 * The shortest chain of imports from a file to another, or undefined.
 * @param {string} wanted
 * @param {string} start
 * @returns {string[] | undefined}
 */
function wayTo(wanted, start) {
  /** @type {Map<string, string | undefined>} */
  const cameFrom = new Map([[start, undefined]]);
  for (const file of cameFrom.keys()) {
    if (file === wanted) {
      const way = [];
      for (let at = /** @type {string | undefined} */ (file); at; at = cameFrom.get(at))
        way.push(at);
      return way.reverse();
    }
    for (const next of importsOf(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  return undefined;
}

/** @type {Map<string, { changed: number, imports: string[] }>} */
const known = new Map();

/**
 * Files that a file imports, other than for types alone.
 * @param {string} file
 * @returns {string[]}
 */
function importsOf(file) {
  const changed = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (changed === undefined || !/\.m?[jt]s$/.test(file)) return [];
  const before = known.get(file);
  if (before?.changed === changed) return before.imports;
  const { statements } = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const imports = statements.flatMap((statement) => {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) return [];
    const types = isImport
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    const { moduleSpecifier } = statement;
    if (types || !moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return [];
    return moduleSpecifier.text.startsWith('.') ? [resolve(file, moduleSpecifier.text)] : [];
  });
  known.set(file, { changed, imports });
  return imports;
}

/** The plugin, for eslint.config.mjs. */
export const imports = { rules: { direction, 'no-cycle': noCycle } };
