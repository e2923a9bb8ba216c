import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type Page } from 'playwright-core';
import { projectPath } from '../../engine/paths.js';

/** The app as it is packaged, and who runs it. */

export const packageFolder = projectPath(
  'out',
  `Kernel Boot Lab-${process.platform}-${process.arch}`,
);

/** Runs `npm run package` or `npm run make`. */
export function runForge(verb: 'package' | 'make', ...words: string[]): void {
  const argv = [projectPath('scripts', 'package.mjs'), verb, ...words];
  const packed = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(packed.stdout + packed.stderr);
}

export interface PackagedApp {
  page: Page;
  /** Its main process. */
  pid: number;
  close(): Promise<void>;
}

export interface PackagedOptions {
  /** Of settings, workspace and home; the user can write it. */
  folder: string;
  /** Words before the program: who runs it. */
  as?: readonly string[];
  switches?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Starts a packaged app. Its fuses keep Node's inspector shut: the window is reached as a browser is. */
export async function startPackaged(
  binary: string,
  { folder, as = [], switches = [], env }: PackagedOptions,
): Promise<PackagedApp> {
  const [program, ...words] = [...as, binary, ...switches, '--remote-debugging-port=0'];
  const child = spawn(program, words, {
    cwd: folder,
    env: {
      ...process.env,
      HOME: folder,
      KBL_HOME: join(folder, 'lab'),
      KBL_APP_DATA: join(folder, 'data'),
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const browser: Browser = await chromium.connectOverCDP(await devtools(child));
  const page = browser.contexts()[0]!.pages()[0]!;
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  return {
    page,
    pid: child.pid!,
    close: async () => {
      await browser.close();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    },
  };
}

/** The address that Chromium prints. */
async function devtools({ stderr }: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr! })) {
    said.push(line);
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) {
      stderr!.resume();
      return address;
    }
  }
  throw new Error(`the packaged app ended before it had a window:\n${said.join('\n')}`);
}

/** Root's windows cannot be sandboxed. */
export const rootSwitches = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/** Somebody who is not root: `nobody`, where root runs the tests. */
export interface OrdinaryUser {
  /** Words before a program that this user is to run. */
  as: readonly string[];
  /** Makes a folder of the user's own. */
  folder(path: string): string;
}

export function ordinaryUser(): OrdinaryUser {
  const isRoot = process.getuid?.() === 0;
  return {
    as: isRoot ? ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'] : [],
    folder(path) {
      mkdirSync(path, { recursive: true });
      if (isRoot) spawnSync('chown', ['nobody:nogroup', path]);
      return path;
    },
  };
}

/** An X server of a user's own: one that root has lets no other in. */
export async function startDisplay({
  as,
}: OrdinaryUser): Promise<{ display: string; stop(): void }> {
  const [program, ...words] = [...as, 'Xvfb', '-displayfd', '3', '-nolisten', 'tcp'];
  const server = spawn(program, words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const lines = createInterface({ input: server.stdio[3] as NodeJS.ReadableStream });
  for await (const number of lines) {
    return { display: `:${number}`, stop: () => void server.kill() };
  }
  throw new Error('Xvfb ended before it had a display');
}

export interface ProcessFacts {
  pid: number;
  /** Its words; one with a space is several, since Chromium's processes write theirs with spaces. */
  argv: string[];
  /** The program's file, as far as it may be seen. */
  executable: string;
  /** Fields of /proc/PID/status: `Seccomp`, `NoNewPrivs`, ... */
  status: Record<string, string>;
  namespaces: Record<'user' | 'pid' | 'net', string>;
}

/** A process and all that it started. */
export function processTree(root: number): ProcessFacts[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const facts = all.flatMap((name) => {
    try {
      return [processFacts(Number(name))];
    } catch {
      return []; // It ended meanwhile.
    }
  });
  const found = new Set([root]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, status } of facts) if (found.has(Number(status['PPid']))) found.add(pid);
  }
  return facts.filter(({ pid }) => found.has(pid));
}

function processFacts(pid: number): ProcessFacts {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const fields = [...text.matchAll(/^(\w+):\s*(.*)$/gm)].map(([, key, value]) => [key, value]);
  const namespace = (name: string): string => readlinkSync(`/proc/${pid}/ns/${name}`);
  return {
    pid,
    argv: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split(/[\0 ]/),
    executable: linkOf(`/proc/${pid}/exe`),
    status: Object.fromEntries(fields) as Record<string, string>,
    namespaces: { user: namespace('user'), pid: namespace('pid'), net: namespace('net') },
  };
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
