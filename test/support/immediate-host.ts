import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { projectPath } from '../../engine/paths.js';

/** Addresses of test/support/immediate-host.c. */
export const hostPlaces = { code: 0x10000100, target: 0x10000800, variable: 0x10002000 } as const;

export interface HostCase {
  original: Uint8Array;
  replacement: Uint8Array;
  /** What the variable holds; 8 bytes are read. */
  value: bigint;
  /** Mask of the flags that the manual defines after the original. */
  flags: number;
}

/** Executes pairs of instructions on this machine: `same`, or what differs, by case. */
export function immediateHost(): (cases: readonly HostCase[], states?: number) => string[] {
  const folder = mkdtempSync(join(tmpdir(), 'kbl-immediate-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, 'immediate-host');
  execFileSync('gcc', [
    ...['-std=gnu11', '-O1', '-Wall', '-Wextra', '-Werror'],
    ...['-static', '-no-pie', '-fno-pie', '-fcf-protection=none'],
    ...[projectPath('test', 'support', 'immediate-host.c'), '-o', program],
  ]);
  return (cases, states = 40) => {
    const input = Buffer.concat(
      cases.flatMap(({ original, replacement, value, flags }) => {
        const head = Buffer.alloc(24);
        head.writeUInt32LE(original.length, 0);
        head.writeBigUInt64LE(BigInt.asUintN(64, value), 4);
        head.writeBigUInt64LE(BigInt(flags), 12);
        head.writeUInt32LE(states, 20);
        return [head, original, replacement];
      }),
    );
    const output = execFileSync(program, { input, encoding: 'latin1', maxBuffer: 64 * 2 ** 20 });
    return output.trimEnd().split('\n');
  };
}
