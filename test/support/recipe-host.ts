import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { projectPath } from '../../engine/paths.js';

/** Statuses of engine/native/multi/multi.h. */
export const multiOk = 0;
export const multiRoom = 5;
export const multiRecipe = 6;

export interface HostAnswer {
  /** enum multi_status */
  status: number;
  /** Is the result the flavour? */
  right: boolean;
}

export interface HostJob {
  base: Uint8Array;
  flavour: Uint8Array;
  workSize: number;
  /** How far before the base the result goes, to overwrite it; else it has memory of its own. */
  distance?: number;
  recipes: readonly Uint8Array[];
}

/** Applies recipes with the C code that boots, compiled for this machine with its memory watched. */
export function recipeHost(): (job: HostJob) => HostAnswer[] {
  const folder = mkdtempSync(join(tmpdir(), 'kbl-recipe-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const multi = projectPath('engine', 'native', 'multi');
  // kernel.c is the part that only the kernel's decompressor can compile.
  const sources = readdirSync(multi).filter((name) => name.endsWith('.c') && name !== 'kernel.c');
  execFileSync('gcc', [
    ...['-std=gnu11', '-O1', '-g', '-Wall', '-Wextra', '-Werror'],
    ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all', `-I${multi}`],
    projectPath('test', 'support', 'recipe-host.c'),
    ...sources.map((name) => join(multi, name)),
    ...['-o', at('recipe-host')],
  ]);

  return ({ base, flavour, workSize, distance, recipes }) => {
    writeFileSync(at('base'), base);
    writeFileSync(at('flavour'), flavour);
    const input = Buffer.concat(
      recipes.flatMap((recipe) => {
        const size = Buffer.alloc(4);
        size.writeUInt32LE(recipe.length);
        return [size, recipe];
      }),
    );
    const argv = [at('base'), at('flavour'), String(workSize), String(distance ?? 'apart')];
    const output = execFileSync(at('recipe-host'), argv, { input, encoding: 'latin1' });
    return output
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [status, right] = line.split(' ');
        return { status: Number(status), right: right === '1' };
      });
  };
}
