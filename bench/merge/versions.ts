import { spawnSync } from 'node:child_process';

const asked: [program: string, ...argv: string[]][] = [
  ['gcc', '--version'],
  ['zstd', '--version'],
  ['xz', '--version'],
  ['xdelta3', '-V'],
];

/** First lines of what the tools say of themselves; bsdiff says nothing. */
export function toolVersions(emulator: string): string[] {
  const lines = asked.map(([program, ...argv]) => {
    const { stdout, stderr } = spawnSync(program, argv, { encoding: 'utf8' });
    return (stdout || stderr).split('\n')[0]!.replace(/^\W+|\W+$/g, '');
  });
  return [emulator, `Node ${process.version}`, ...lines];
}
