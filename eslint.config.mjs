import { defineConfig } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import { imports } from './scripts/lint/imports.mjs';

/** The rules about imports, which need no type information. */
export const importRules = defineConfig(
  {
    files: ['**/*.ts', '**/*.mjs'],
    plugins: { imports },
    languageOptions: { parser: tseslint.parser },
    rules: {
      'imports/direction': 'error',
      'imports/no-cycle': 'error',
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'sqlite3', message: 'Only db/ speaks SQL.' }] },
      ],
    },
  },
  { files: ['db/**'], rules: { 'no-restricted-imports': 'off' } },
);

export default defineConfig(
  {
    ignores: [
      'dist/**',
      'dist-renderer/**',
      'out/**',
      'node_modules/**',
      'scripts/setup/electron/default-app/**',
    ],
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    extends: [...tseslint.configs.strictTypeChecked, ...importRules],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Numbers in messages are the rule here, not the exception.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `columns.size[index]!` is how a struct of typed arrays is read.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      'no-control-regex': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [...tseslint.configs.recommended, ...svelte.configs.recommended],
    plugins: { imports },
    languageOptions: {
      parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      'imports/direction': 'error',
      // svelte-check knows what is not defined.
      'no-undef': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['electron/**', 'renderer/**', 'test/e2e/**'],
    rules: {
      // `onclick={() => send()}` and callbacks of Node's and DOM's events.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Functions of a parsed message or an options object need no `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs'],
    // Not compiled: types come from JSDoc, and JSON.parse has none.
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
  {
    files: ['test/**'],
    rules: {
      // `expect(object.method)` is how tests speak.
      '@typescript-eslint/unbound-method': 'off',
      // `expect.any(Number)` is an any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
);
