#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/engine/cli/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write(
    'error: Kernel Boot Lab is not set up in this checkout\n' +
      '  hint: run `npm run lab`, or `node scripts/setup.mjs` for set-up alone\n',
  );
  process.exitCode = 4;
}
