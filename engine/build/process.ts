import { spawn } from 'node:child_process';
import { buildErrors, commonErrors } from '../errors/index.js';

/**
 * Runs a build tool whose whole process tree dies with us, whichever way we go.
 *
 * The tool gets a process group of its own, led by a shell that turns one
 * SIGTERM into a SIGTERM for every process of the group: make passes the signal
 * on to the compiler drivers but not to the compilers they started. The shell
 * is told by the kernel to get that SIGTERM when we die, even by SIGKILL
 * (PR_SET_PDEATHSIG, prctl(2), set by setpriv(1)).
 */

const groupLeader = 'trap "trap - TERM; kill -TERM 0" TERM; "$@" 2>&1 & wait $!';

/** How long a group has to end after SIGTERM before it gets SIGKILL. */
const grace = 3_000;

/** Longer lines are handed on in pieces, so that no output can fill the memory. */
const longestLine = 64 * 1024;

export interface ToolCommand {
  /** What a cancelled job is called: `building native`. */
  what: string;
  program: string;
  argv: readonly string[];
  cwd?: string | undefined;
  environment: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  /** Each line of stdout and stderr, in the order they were written. */
  onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs a tool to its end and returns its exit status (128 + the signal's number
 * when it was killed). Resolves when the last process of the group that holds
 * our pipe is gone.
 * @throws cancelled when the signal aborts; build-tool-missing without setpriv
 */
export async function runTool(command: ToolCommand): Promise<number> {
  const { what, program, argv, cwd, environment, signal, onLine } = command;
  if (signal?.aborted) throw commonErrors.cancelled({ what });

  // The tool's stderr goes into the pipe too; the leader's own has only its "Terminated".
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', 'sh', '-c', groupLeader, 'kbl', program, ...argv],
    { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const kill = (name: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group is already gone.
    }
  };
  let killer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    kill('SIGTERM');
    killer = setTimeout(() => kill('SIGKILL'), grace);
  };
  signal?.addEventListener('abort', cancel, { once: true });

  try {
    const status = await new Promise<number>((resolve, reject) => {
      const lines = lineSplitter((line) => onLine?.(line));
      child.stdout.setEncoding('utf8').on('data', lines.push);
      child.on('error', reject);
      child.on('close', (code) => {
        lines.end();
        resolve(code ?? 128 + 15);
      });
    });
    if (signal?.aborted) throw commonErrors.cancelled({ what });
    return status;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw buildErrors.toolMissing({ tools: ['setpriv'], packages: ['util-linux'] }, error);
    throw error;
  } finally {
    clearTimeout(killer);
    signal?.removeEventListener('abort', cancel);
  }
}

function lineSplitter(onLine: (line: string) => void): {
  push: (text: string) => void;
  end: () => void;
} {
  let rest = '';
  return {
    push: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(onLine);
      if (rest.length > longestLine) {
        onLine(rest);
        rest = '';
      }
    },
    end: () => {
      if (rest !== '') onLine(rest);
    },
  };
}
