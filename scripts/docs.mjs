/** `npm run docs`: writes the pages and schemas that are generated from the code. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { orExplain, root, setup } from './setup.mjs';

await orExplain(() => setup([]));

const dist = new URL('../dist/engine/cli/', import.meta.url);
/** @type {typeof import('../engine/cli/reference/pages.js')} */
const { cliPage, errorsPage, schemaFiles } = await import(new URL('reference/pages.js', dist).href);
/** @type {typeof import('../engine/cli/reference/support-matrix.js')} */
const { sitesPage } = await import(new URL('reference/support-matrix.js', dist).href);
/** @type {typeof import('../engine/cli/verbs/index.js')} */
const { verbs } = await import(new URL('verbs/index.js', dist).href);

const docs = join(root, 'docs');
const cli = join(docs, 'cli.md');
writeFileSync(cli, cliPage(readFileSync(cli, 'utf8'), verbs));
writeFileSync(join(docs, 'errors.md'), errorsPage());
const sites = join(docs, 'patching', 'sites.md');
writeFileSync(sites, sitesPage(readFileSync(sites, 'utf8')));

const schema = join(docs, 'schema');
rmSync(schema, { recursive: true, force: true });
mkdirSync(schema, { recursive: true });
for (const [name, text] of schemaFiles(verbs)) writeFileSync(join(schema, name), text);
