import { PassThrough } from 'node:stream';
import { runCli } from '../../engine/cli/run.js';
import type { Verb } from '../../engine/cli/verb.js';

/** What one command line came to. */
export interface KblResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `kbl` in this process, on streams of its own, with a workspace that is not the user's. */
export async function kbl(
  home: string,
  words: readonly string[],
  options: { tty?: boolean; verbs?: readonly Verb[] } = {},
): Promise<KblResult> {
  const stream = (): NodeJS.WriteStream =>
    Object.assign(new PassThrough(), { isTTY: options.tty === true, columns: 100 }) as never;
  const [stdin, stdout, stderr] = [stream() as never, stream(), stream()];
  const code = await runCli(
    ['--workspace', home, ...words],
    { stdin, stdout, stderr },
    options.verbs,
  );
  const text = (from: NodeJS.WriteStream): string =>
    ((from as unknown as PassThrough).read() as Buffer | null)?.toString() ?? '';
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
