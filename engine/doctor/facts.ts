import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { machineType } from '../boot/qemu/argv.js';
import { probeQemu, type QemuCapabilities } from '../boot/qemu/probe.js';
import { preferredFile, type Preferred } from '../bundle.js';
import { isChoosable } from '../chosen.mjs';
import type { Bytes } from '../units.js';
import { locate } from './detect.mjs';
import { tools } from './tools.mjs';

/** What this machine is and has: everything the checks judge, gathered once. */
export interface Facts {
  /** PRETTY_NAME of os-release. */
  system: string;
  /** `20.20.2` */
  node: string;
  /** `33.2.1` where the engine runs in the desktop app, whose Node is Electron's own. */
  electron?: string | undefined;
  cpus: number;
  memory: Bytes;
  /** By tool id; null where it is missing. */
  tools: Record<string, { path: string; version: string | null } | null>;
  /** By tool id: what is taken instead of an installed one. */
  preferred: Record<string, Preferred>;
  qemu: QemuFacts | null;
  workspace: WorkspaceFacts;
}

export interface QemuFacts extends Pick<QemuCapabilities, 'version' | 'plugins' | 'sandbox'> {
  /** It has the machine type whose figures the lab's documents show. */
  referenceMachine: boolean;
}

export interface WorkspaceFacts {
  folder: string;
  /** The folder, or the nearest one above it that exists. */
  existing: string;
  writable: boolean;
  free: Bytes;
}

const run = promisify(execFile);

/** Looks at the machine; changes nothing. @param workspace folder of the workspace, which need not exist */
export async function gatherFacts(workspace: string): Promise<Facts> {
  const preferred = Object.fromEntries(
    tools.flatMap(({ id }) => {
      const file = isChoosable(id) ? preferredFile(id) : undefined;
      return file ? [[id, file] as const] : [];
    }),
  );
  const [found, qemu, system, workspaceFacts] = await Promise.all([
    Promise.all(
      tools.map(async (tool) => [tool.id, await lookAt(tool, preferred[tool.id]?.path)] as const),
    ),
    qemuFacts(),
    systemName(),
    folderFacts(workspace),
  ]);
  return {
    system,
    node: process.versions.node,
    electron: process.versions['electron'],
    cpus: availableParallelism(),
    memory: totalmem(),
    tools: Object.fromEntries(found),
    preferred,
    qemu,
    workspace: workspaceFacts,
  };
}

async function lookAt(
  tool: (typeof tools)[number],
  named: string | undefined,
): Promise<{ path: string; version: string | null } | null> {
  const path = locate(tool, named);
  if (path === undefined) return null;
  if (tool.version === undefined) return { path, version: null };
  const options = { env: { ...process.env, LC_ALL: 'C' }, timeout: 10_000 };
  const output = await run(path, tool.version, options).catch(() => undefined);
  return { path, version: output?.stdout.split('\n', 1)[0]?.trim() || null };
}

/** Null when QEMU is missing or does not answer. */
async function qemuFacts(): Promise<QemuFacts | null> {
  const qemu = await probeQemu().catch(() => null);
  if (qemu === null) return null;
  const { version, plugins, sandbox, machines } = qemu;
  return { version, plugins, sandbox, referenceMachine: machines.includes(machineType) };
}

async function systemName(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? process.platform;
}

async function folderFacts(folder: string): Promise<WorkspaceFacts> {
  let existing = folder;
  const can = (path: string, mode: number): Promise<boolean> =>
    access(path, mode).then(
      () => true,
      () => false,
    );
  while (!(await can(existing, constants.F_OK)) && dirname(existing) !== existing) {
    existing = dirname(existing);
  }
  const { bavail, bsize } = await statfs(existing);
  const writable = await can(existing, constants.W_OK | constants.X_OK);
  return { folder, existing, writable, free: bavail * bsize };
}
