import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Bytes, Milliseconds } from '../../units.js';
import { findProgram } from './probe.js';

/** Paths of the util-linux programs that guard the emulator; undefined when missing or too old. */
export interface GuardTools {
  setpriv?: string | undefined;
  prlimit?: string | undefined;
}

export interface Guard {
  /** Words in front of the emulator's own. */
  words: string[];
  warnings: string[];
}

const mebibyte: Bytes = 1024 * 1024;

/** Address space of QEMU besides the guest's memory: 1 GiB of translated code, libraries, stacks. */
const emulatorShare = 4096;

/** Largest file QEMU may write: a last resort behind the console's own cap. */
const fileLimit: Bytes = 1024 * mebibyte;

/** Finds the tools and checks that each does what it is for. */
export async function findGuardTools(): Promise<GuardTools> {
  const [setpriv, prlimit] = await Promise.all([
    working('setpriv', ['--pdeathsig', 'KILL', '--', 'true']),
    working('prlimit', ['--core=0', '--', 'true']),
  ]);
  return { setpriv, prlimit };
}

async function working(name: string, attempt: string[]): Promise<string | undefined> {
  const program = await findProgram(name);
  if (program === undefined) return undefined;
  try {
    await promisify(execFile)(program, attempt);
    return program;
  } catch {
    return undefined;
  }
}

/**
 * Composes the guard. Both programs set something that exec keeps and then
 * become the next word, so that the process id stays that of the emulator:
 * - `setpriv --pdeathsig KILL`: the kernel kills QEMU when the thread that
 *   started it ends, however it ends (prctl(2), PR_SET_PDEATHSIG);
 * - `prlimit`: no core files, bounded memory and files, and CPU time that ends
 *   a forgotten run when nobody watches its timeout.
 */
export function guard(tools: GuardTools, memory: number, timeout: Milliseconds | undefined): Guard {
  const words: string[] = [];
  const warnings: string[] = [];
  if (tools.setpriv !== undefined) {
    words.push(tools.setpriv, '--pdeathsig', 'KILL', '--');
  } else {
    warnings.push(
      'setpriv (util-linux) is missing: should this process be killed with SIGKILL, the emulator stays',
    );
  }
  if (tools.prlimit !== undefined) {
    words.push(
      tools.prlimit,
      '--core=0',
      `--as=${(memory + emulatorShare) * mebibyte}`,
      `--fsize=${fileLimit}`,
    );
    if (timeout !== undefined) words.push(`--cpu=${Math.ceil(timeout / 500) + 60}`);
    words.push('--');
  } else {
    warnings.push('prlimit (util-linux) is missing: the emulator runs without resource limits');
  }
  return { words, warnings };
}
