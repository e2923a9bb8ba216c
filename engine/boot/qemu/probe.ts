import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { Duplex } from 'node:stream';
import { preferredFile } from '../../bundle.js';
import { bootErrors } from '../../errors/boot.js';
import { atDeath } from '../death.js';
import { startQmp, type QmpClient } from './qmp.js';

/** What one installed QEMU is and can do. */
export interface QemuCapabilities {
  /** Absolute path of the program. */
  program: string;
  /** `QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)`. */
  version: string;
  major: number;
  /** Built with TCG plugins: can count instructions. */
  plugins: boolean;
  /** Built with seccomp: can be confined. */
  sandbox: boolean;
  /** Names of its machine types, aliases among them. */
  machines: string[];
}

/** What is looked for on PATH when the user chose no QEMU and none came with the app. */
export const qemuProgram = 'qemu-system-x86_64';

/** Name or path of the QEMU that boots. */
export function qemuToRun(): string {
  return preferredFile('qemu')?.path ?? qemuProgram;
}

/** The first executable file of that name on PATH, or undefined. A name with a slash is a path. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = name.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    const path = folder === '' ? resolve(name) : join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/**
 * Asks a QEMU what it is, over QMP on its standard streams, with no machine
 * in it. About 30 ms.
 * @throws boot-qemu-missing, boot-qemu-unusable
 */
export async function probeQemu(name: string = qemuToRun()): Promise<QemuCapabilities> {
  const program = await findProgram(name);
  if (program === undefined) throw bootErrors.qemuMissing({ program: name });

  const child = spawn(
    program,
    ['-machine', 'none', '-nodefaults', '-no-user-config', '-display', 'none', '-qmp', 'stdio'],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  // It would wait for orders for ever, should this process end meanwhile.
  const release = atDeath(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, 4096);
  });
  child.on('error', (error) => {
    stderr = error.message;
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
  let qmp: QmpClient | undefined;
  try {
    qmp = await startQmp(Duplex.from({ readable: child.stdout, writable: child.stdin }));
    const { qemu, package: packageVersion } = qmp.version;
    const options = (await qmp.execute('query-command-line-options')) as { option: string }[];
    const machines = (await qmp.execute('query-machines')) as { name: string; alias?: string }[];
    const named = new Set(options.map(({ option }) => option));
    const number = `${qemu.major}.${qemu.minor}.${qemu.micro}`;
    return {
      program,
      version: `QEMU emulator version ${number}${packageVersion && ` (${packageVersion})`}`,
      major: qemu.major,
      plugins: named.has('plugin'),
      sandbox: named.has('sandbox'),
      machines: machines.flatMap((m) => (m.alias === undefined ? [m.name] : [m.name, m.alias])),
    };
  } catch (cause) {
    const said = stderr.trim().split('\n')[0] || (cause as Error).message;
    throw bootErrors.qemuUnusable({ program, said }, cause);
  } finally {
    clearTimeout(deadline);
    release();
    qmp?.close();
    child.kill('SIGKILL');
  }
}
