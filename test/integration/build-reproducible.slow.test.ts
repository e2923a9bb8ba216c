import { execFileSync } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildFlavour } from '../../engine/build/build-flavour.js';
import { recordedCommand } from '../../engine/build/relink.js';
import type { BuildResult } from '../../engine/build/types.js';
import { relinkTargets } from '../../engine/merge/decompressor.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';
import { testFolder } from '../support/test-folder.js';
import { testHome } from '../support/test-home.js';

/**
 * Builds one real flavour twice: by the lab, and by the commands of its record
 * in another folder, from a source tree that lies elsewhere too. The lab's own
 * build is made in the tests' workspace, or found there.
 */
const flavour = process.env['KBL_SLOW_FLAVOUR'] ?? 'native';

describe(`the ${flavour} flavour`, () => {
  let workspace: Workspace;
  let built: BuildResult;

  beforeAll(async () => {
    workspace = await openWorkspace(testHome());
    built = await buildFlavour(workspace, { flavour });
    return () => workspace.close();
  });

  it('is found at once when it is asked for again', async () => {
    expect(await buildFlavour(workspace, { flavour })).toMatchObject({
      cached: true,
      record: built.record,
    });
  });

  it('has the same bytes when its recorded commands are run elsewhere', async () => {
    const folder = join(await testFolder(), 'some', 'other', 'and-longer', 'folder');
    const commands = built.record.reproduce.filter((command) => !command.includes('apt-get'));
    execFileSync('mkdir', ['-p', folder]);
    execFileSync('sh', ['-e'], { cwd: folder, input: commands.join('\n'), stdio: 'pipe' });
    for (const [file, { sha256 }] of [
      ['arch/x86/boot/bzImage', built.record.artifacts.bzImage],
      ['vmlinux', built.record.artifacts.vmlinux],
      ['System.map', built.record.artifacts.systemMap],
    ] as const) {
      const bytes = await readFile(join(folder, 'build', file));
      const kept = await readFile(workspace.store.path(sha256));
      expect({ file, same: bytes.equals(kept) }).toEqual({ file, same: true });
    }
  });

  it('can be compiled and linked again from what was kept of its build folder', async () => {
    const tree = join(await testFolder(), 'tree');
    await cp(join(built.folder, 'tree'), tree, { recursive: true, verbatimSymlinks: true });
    for (const target of relinkTargets) {
      execFileSync('rm', ['-f', join(tree, target)]);
      const command = await recordedCommand(tree, target);
      expect(command, target).toBeDefined();
      execFileSync('sh', ['-ec', command!], { cwd: tree, stdio: 'pipe' });
    }
    const bytes = await readFile(join(tree, 'arch/x86/boot/bzImage'));
    const kept = await readFile(workspace.store.path(built.record.artifacts.bzImage.sha256));
    expect(bytes.equals(kept)).toBe(true);
  });
});
