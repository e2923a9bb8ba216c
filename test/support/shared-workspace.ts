import { inject, onTestFinished } from 'vitest';
import { createQemu } from '../../engine/boot/index.js';
import type { ObserveServices } from '../../engine/patch/observe/index.js';
import { openWorkspace } from '../../engine/workspace/workspace.js';

/**
 * The workspace in which the set-up built the kernels, and the emulator: what one test observed, the next
 * finds, so that a kernel boots once in each environment. The set-up forgets the observations of
 * earlier runs: how memory is read is the lab's code too, and under test.
 */
export async function sharedWorkspace(): Promise<ObserveServices> {
  const { home } = inject('kernels');
  const workspace = await openWorkspace(home);
  onTestFinished(() => workspace.close());
  return { workspace, emulator: createQemu({ cacheFolder: `${home}/xen` }) };
}
