import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A program that was compiled for a test. */
export interface TestProgram {
  file: string;
  remove(): Promise<void>;
}

/** Bundles a TypeScript program of the tests, with what it imports of the lab, so that node can run it. */
export async function compile(entry: URL): Promise<TestProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'kbl-program-'));
  const file = join(folder, 'program.mjs');
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  // By it the lab finds its own folder (engine/paths.ts).
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  await cp(join(root, 'db', 'migrations'), join(folder, 'migrations'), { recursive: true });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A running test program that speaks in lines. */
export interface TestProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The next line it prints; rejects when it ends without one. */
  line(): Promise<string>;
  /** Types a line on its standard input. */
  tell(line: string): void;
  /** Lines printed and not yet read, once it has ended. */
  rest(): Promise<string[]>;
  /** Kills it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
}

export function start(
  program: TestProgram,
  args: string[],
  user: { uid?: number; gid?: number } = {},
): TestProcess {
  const child = spawn(process.execPath, [program.file, ...args], {
    ...user,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout, pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${program.file}`);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    child,
    pid,
    line: async () => {
      const next = await lines.next();
      if (next.done) throw new Error(`test program ${args.join(' ')} ended without a line`);
      return next.value;
    },
    tell: (line) => stdin.write(`${line}\n`),
    rest: async () => {
      const rest: string[] = [];
      for (let next = await lines.next(); !next.done; next = await lines.next()) {
        rest.push(next.value);
      }
      await ended;
      return rest;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
