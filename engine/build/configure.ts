import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildErrors } from '../errors/index.js';
import { buildEnvironment, makeArguments } from './environment.js';
import { applyOptions, lostOptions, parseConfig, type AskedOption } from './kconfig.js';
import { explainLostOptions } from './lost-options.js';
import { runTool } from './process.js';

export interface ConfigureRequest {
  flavour: string;
  /** Version of the tree, for messages. */
  version: string;
  tree: string;
  /** Build folder, empty. */
  output: string;
  asked: ReadonlyMap<string, AskedOption>;
  signal?: AbortSignal | undefined;
}

/** Lines of make's output that a failure shows. */
const shown = 12;

/**
 * Makes the configuration of a build folder: `tinyconfig`, the asked options
 * over it, `olddefconfig`; then checks that every asked option is still there.
 * @returns the text of the final `.config`
 * @throws build-configure-failed, build-options-lost, cancelled
 */
export async function configure(request: ConfigureRequest): Promise<string> {
  const { flavour, version, tree, output, asked } = request;
  const file = join(output, '.config');
  await makeConfig(request, 'tinyconfig');
  await writeFile(file, applyOptions(await readFile(file, 'utf8'), asked));
  await makeConfig(request, 'olddefconfig');

  const text = await readFile(file, 'utf8');
  const final = parseConfig(text);
  const lost = lostOptions(asked, final);
  if (lost.length > 0)
    throw buildErrors.optionsLost({
      flavour,
      version,
      lost: await explainLostOptions(tree, lost, final),
    });
  return text;
}

async function makeConfig(
  { flavour, tree, output, signal }: ConfigureRequest,
  target: string,
): Promise<void> {
  const tail: string[] = [];
  const status = await runTool({
    what: `configuring ${flavour}`,
    program: 'make',
    argv: makeArguments(tree, output, target),
    environment: buildEnvironment(),
    signal,
    onLine(line) {
      tail.push(line);
      if (tail.length > shown) tail.shift();
    },
  });
  if (status !== 0)
    throw buildErrors.configureFailed({
      command: `make -C ${tree} O="$PWD" ${target}`,
      tail,
    });
}
