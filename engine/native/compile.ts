import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { nativeErrors } from '../errors/native.js';
import { projectPath } from '../paths.js';
import type { Workspace } from '../workspace/types.js';

const run = promisify(execFile);

/** A program of engine/native/ that is compiled on the machine where it is used. */
export interface NativeProgram {
  /** File name of the result. */
  name: string;
  /** C files, relative to engine/native/. */
  sources: string[];
  /** Headers that decide the result, relative to engine/native/. */
  headers: string[];
  /** Headers that the engine writes, by file name. */
  generated?: Record<string, string>;
  flags: string[];
  /** Replaces the linker's own script, relative to engine/native/. */
  linkerScript?: string;
  /** Archives to link, by file name: `libz.a`. */
  libraries?: string[];
}

const compiler = 'gcc';
const linker = 'ld';

/**
 * Compiles a program, or finds it as it was compiled before from the same
 * sources with the same flags and compiler.
 * @returns absolute path of the result, in the workspace
 * @throws compiler-missing, native-library-missing, native-build-failed
 */
export async function compileNative(workspace: Workspace, program: NativeProgram): Promise<string> {
  const libraries = await Promise.all((program.libraries ?? []).map(findLibrary));
  const key = await keyOf(program, libraries);
  const folder = join(workspace.folders.builds, 'programs', key);
  const result = join(folder, program.name);
  if (existsSync(result)) return result;

  const scratch = await workspace.temporaryFolder('native');
  await writeGenerated(scratch, program.generated ?? {});
  const output = join(scratch, program.name);
  const argv = [
    ...program.flags,
    ...linkerArguments(program),
    `-I${scratch}`,
    ...program.sources.map((source) => projectPath('engine', 'native', source)),
    ...libraries,
    '-o',
    output,
  ];
  try {
    await run(compiler, argv);
  } catch (cause) {
    throw nativeErrors.buildFailed(
      { program: program.name, command: [compiler, ...argv].join(' '), output: stderrOf(cause) },
      cause,
    );
  }
  await syncFile(output);
  // Two processes may get here at once; both made the same bytes, and either rename will do.
  await mkdir(dirname(result), { recursive: true });
  await rename(output, result);
  return result;
}

function linkerArguments({ linkerScript }: NativeProgram): string[] {
  return linkerScript === undefined ? [] : ['-T', projectPath('engine', 'native', linkerScript)];
}

/** After a power failure the final name must not stand for bytes that never reached the disk. */
async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Digest of everything that decides the bytes of the result. */
async function keyOf(program: NativeProgram, libraries: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const tools = [await versionOf(compiler), await versionOf(linker)];
  hash.update(JSON.stringify([tools, program.flags, program.generated ?? {}]));
  const script = program.linkerScript === undefined ? [] : [program.linkerScript];
  for (const file of [...program.sources, ...program.headers, ...script]) {
    hash.update(`${file}\0`).update(await readFile(projectPath('engine', 'native', file)));
  }
  for (const library of libraries) {
    hash.update(`${basename(library)}\0`).update(await readFile(library));
  }
  return hash.digest('hex').slice(0, 32);
}

async function versionOf(tool: string): Promise<string> {
  try {
    return (await run(tool, ['--version'])).stdout.split('\n', 1)[0] ?? '';
  } catch (cause) {
    throw nativeErrors.compilerMissing({ compiler: tool }, cause);
  }
}

/** Where the compiler finds an archive. @throws compiler-missing, native-library-missing */
async function findLibrary(name: string): Promise<string> {
  await versionOf(compiler);
  // A name that is not found is printed as it is.
  const { stdout } = await run(compiler, [`-print-file-name=${name}`]);
  const path = stdout.trim();
  if (path === name) throw nativeErrors.libraryMissing({ library: name });
  return path;
}

async function writeGenerated(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, basename(name)), text);
  }
}

function stderrOf(error: unknown): string {
  if (error instanceof Error && 'stderr' in error && typeof error.stderr === 'string') {
    return error.stderr;
  }
  return String(error);
}
