import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { buildErrors } from '../errors/index.js';

/** Version lines of every tool whose version may change a byte of the kernel. */
export type Toolchain = Record<string, string>;

/** The tools a kernel build runs, and the Debian package of each. */
const tools: readonly { name: string; package: string }[] = [
  { name: 'gcc', package: 'gcc' },
  { name: 'as', package: 'binutils' },
  { name: 'ld', package: 'binutils' },
  { name: 'make', package: 'make' },
  { name: 'flex', package: 'flex' },
  { name: 'bison', package: 'bison' },
  { name: 'bc', package: 'bc' },
  { name: 'gzip', package: 'gzip' },
];

const run = promisify(execFile);

/**
 * First version line of every build tool, found through PATH, and the file of
 * libelf, which objtool writes the kernel's objects with.
 * @throws build-tool-missing naming all that are not there
 */
export async function probeToolchain(): Promise<Toolchain> {
  const found = await Promise.all([
    ...tools.map(async (tool) => ({ ...tool, version: await versionLine(tool.name) })),
    libelf().then((version) => ({ name: 'libelf', package: 'libelf-dev', version })),
  ]);
  const missing = found.filter(({ version }) => version === undefined);
  if (missing.length > 0)
    throw buildErrors.toolMissing({
      tools: missing.map(({ name }) => name),
      packages: [...new Set(missing.map((tool) => tool.package))],
    });
  return Object.fromEntries(found.map(({ name, version }) => [name, version!]));
}

async function versionLine(tool: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(tool, ['--version'], { env: { ...process.env, LC_ALL: 'C' } });
    return stdout.split('\n', 1)[0]!.trim();
  } catch {
    return undefined;
  }
}

/** `libelf-0.188.so`: the file behind the compiler's libelf.so has the version in its name. */
async function libelf(): Promise<string | undefined> {
  try {
    const { stdout } = await run('gcc', ['-print-file-name=libelf.so']);
    return basename(await realpath(stdout.trim()));
  } catch {
    return undefined;
  }
}
