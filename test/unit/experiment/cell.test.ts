import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { defaultMachine, type BootCommand, type Emulator } from '../../../engine/boot/index.js';
import { commonErrors } from '../../../engine/errors/index.js';
import { runCell } from '../../../engine/experiment/cell.js';
import { createExperiment } from '../../../engine/experiment/runner.js';
import type { ProgressEvent } from '../../../engine/progress.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { testFolder } from '../../support/test-folder.js';

const command: BootCommand = {
  ...{ program: 'none', argv: [], guard: [], folder: '', links: {}, kernelCommandLine: '' },
  ...{ versions: { emulator: 'none' }, warnings: [] },
};

/** One that can say what it would run, and is cancelled before it does. */
const emulator: Emulator = {
  name: 'none',
  version: () => Promise.resolve('none'),
  command: () => Promise.resolve(command),
  start: () => Promise.reject(commonErrors.cancelled({ what: 'the boot' })),
};

it('does not leave a run behind as running when its emulator never starts', async () => {
  const home = await testFolder();
  const workspace = await openWorkspace(home);
  onTestFinished(() => workspace.close());
  const experiment = await createExperiment(workspace, {
    name: 'first',
    plan: {
      ...{ schema: 1, workloads: ['null'], repeat: 1, append: '' },
      cells: [{ image: 'a'.repeat(64), label: 'native', environment: 'bare' }],
      machine: { ...defaultMachine },
    },
  });
  const initramfs = { sha256: 'b'.repeat(64), path: join(home, 'initrd') };
  const bench = { workspace, emulator, plugin: join(home, 'plugin.so'), initramfs };
  const events: ProgressEvent[] = [];
  const onProgress = (event: ProgressEvent): void => void events.push(event);
  const run = runCell(bench, experiment, { cell: 0, repetition: 0 }, { onProgress });
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });

  const runs = await workspace.database.runs.ofExperiment(experiment.id);
  expect(runs).toMatchObject([{ state: 'interrupted', finishedAt: expect.any(String) as string }]);
  expect(events.filter(({ kind }) => kind === 'start')).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ kind: 'end', result: 'failed' });
});
