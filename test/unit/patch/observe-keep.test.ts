import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultMachine } from '../../../engine/boot/index.js';
import {
  digestOf,
  findKept,
  forgetObservations,
  keep,
} from '../../../engine/patch/observe/keep.js';
import type { ObservationRecord } from '../../../engine/patch/observe/types.js';
import type { Workspace } from '../../../engine/workspace/types.js';
import { openWorkspace } from '../../../engine/workspace/workspace.js';
import { testFolder } from '../../support/test-folder.js';

const hash = (i: number): string => i.toString(16).padStart(64, '0');

/** Keeps an observation whose memory is one byte, as if it were so many seconds old. */
async function kept(workspace: Workspace, i: number, byte: number, image = 0): Promise<void> {
  const memory = Uint8Array.of(byte);
  const record: ObservationRecord = {
    ...{ inputHash: hash(i), image: hash(image), environment: 'bare', machine: defaultMachine },
    command: { program: '', argv: [], kernelCommandLine: '', versions: { emulator: 'QEMU' } },
    ...{ range: { start: 0, end: 1 }, physical: 0, exact: true, console: '', wall: 1 },
    sha256: digestOf(memory),
  };
  await keep(workspace, record, memory);
  const then = new Date(Date.now() - 1000 * (100 - i));
  await utimes(join(workspace.folders.home, 'observations', `${hash(i)}.json`), then, then);
}

async function snapshots(workspace: Workspace): Promise<number> {
  const folders = await readdir(workspace.folders.store);
  const files = folders.map((folder) => readdir(join(workspace.folders.store, folder)));
  return (await Promise.all(files)).flat().length;
}

test('keeps the observations that were used last', async () => {
  const workspace = await openWorkspace(join(await testFolder(), 'lab'));
  for (let i = 0; i < 40; i++) await kept(workspace, i, i);
  expect(await findKept(workspace, hash(0), {})).toBeDefined();
  await kept(workspace, 40, 40);
  expect(await findKept(workspace, hash(0), {})).toBeDefined();
  expect(await findKept(workspace, hash(1), {})).toBe(undefined);
  expect(await snapshots(workspace)).toBe(40);
  await workspace.close();
});

test('forgets those of an image, and leaves a snapshot that another shares', async () => {
  const workspace = await openWorkspace(join(await testFolder(), 'lab'));
  await kept(workspace, 1, 7, 1);
  await kept(workspace, 2, 7, 2);
  await kept(workspace, 3, 8, 1);
  await forgetObservations(workspace, hash(1));
  expect(await findKept(workspace, hash(1), {})).toBe(undefined);
  expect(await findKept(workspace, hash(2), {})).toBeDefined();
  expect(await snapshots(workspace)).toBe(1);
  await workspace.close();
});
