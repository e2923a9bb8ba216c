import { runTool } from '../../engine/build/process.js';
import { buildEnvironment } from '../../engine/build/environment.js';

/** Runs a command in a folder. @returns its wall time in seconds */
export async function shell(command: string, folder: string): Promise<number> {
  const output: string[] = [];
  const begin = performance.now();
  const status = await runTool({
    what: 'the benchmark',
    program: 'sh',
    argv: ['-c', command],
    cwd: folder,
    environment: buildEnvironment(),
    onLine: (line) => output.push(line),
  });
  if (status !== 0) throw new Error([`status ${status}: ${command}`, ...output].join('\n'));
  return (performance.now() - begin) / 1000;
}
