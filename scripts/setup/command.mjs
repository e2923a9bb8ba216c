import { spawnSync } from 'node:child_process';

/** Trouble that stops set-up: its message is for the user, its exit code is that of `kbl doctor`. */
export class SetupError extends Error {
  exitCode = 4;
}

/** Set-up talks on stderr: stdout belongs to the command that follows. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Lines of a failed command's output that its error message shows, from each end. */
const excerptLines = 12;

/**
 * Runs a command quietly and returns whether it succeeded, with the beginning
 * and the end of what it said for an error message.
 * @param {string} program
 * @param {string[]} argv
 * @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {{ ok: boolean, stdout: string, said: string }}
 */
export function run(program, argv, options = {}) {
  const result = spawnSync(program, argv, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.signal === 'SIGINT') throw new SetupError('set-up was interrupted; run it again');
  const output = `${result.stdout}${result.stderr}${result.error?.message ?? ''}`;
  return { ok: result.status === 0, stdout: result.stdout, said: excerpt(output) };
}

/** @param {string} output */
function excerpt(output) {
  const lines = output.trimEnd().split('\n');
  if (lines.length <= 2 * excerptLines) return lines.join('\n');
  return [...lines.slice(0, excerptLines), '...', ...lines.slice(-excerptLines)].join('\n');
}

/**
 * Says what is done, does it, and says how it went and how long it took.
 * @template {{ ok: boolean }} T
 * @param {string} what
 * @param {() => T} work
 * @returns {T}
 */
export function timed(what, work) {
  say(`set-up: ${what} ...`);
  const begin = Date.now();
  const result = work();
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  say(`set-up: ${result.ok ? 'done in' : 'failed after'} ${seconds} s`);
  return result;
}
