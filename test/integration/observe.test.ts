import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, describe, expect, it } from 'vitest';
import { createQemu, defaultMachine, type EnvironmentName } from '../../engine/boot/index.js';
import { openFileSource } from '../../engine/elf/index.js';
import { addressOfName } from '../../engine/kernel/names.js';
import { readPatchKernel, type PatchKernel } from '../../engine/patch/kernel.js';
import {
  attribute,
  imageRange,
  observe,
  readableTables,
  type Observation,
  type ObserveRequest,
} from '../../engine/patch/observe/index.js';
import type { JobOptions, ProgressEvent } from '../../engine/progress.js';
import type { Workspace } from '../../engine/workspace/types.js';
import { testKernel } from '../support/kernels.js';
import { labError } from '../support/lab-error.js';
import { testWorkspace } from '../support/measure.js';
import { stockKernel } from '../support/stock-kernel.js';

interface Subject {
  file: string;
  kernel: PatchKernel;
}

async function lab(flavour: 'native' | 'xen'): Promise<Subject> {
  const { bzImage: file, vmlinux } = testKernel(flavour);
  const symbols = openFileSource(vmlinux);
  try {
    const bytes = await readFile(file);
    return { file, kernel: await readPatchKernel({ label: flavour, bytes, vmlinux: symbols }) };
  } finally {
    symbols.close();
  }
}

async function stock(): Promise<Subject> {
  const file = stockKernel();
  return { file, kernel: await readPatchKernel({ label: 'stock', bytes: await readFile(file) }) };
}

const subjects = { native: () => lab('native'), xen: () => lab('xen'), stock };

function look(
  workspace: Workspace,
  { file, kernel }: Subject,
  environment: EnvironmentName,
  change: Partial<ObserveRequest> = {},
  options: JobOptions = {},
): Promise<Observation> {
  const emulator = createQemu({ cacheFolder: `${inject('kernels').home}/xen` });
  return observe({ workspace, emulator }, { file, kernel, environment, ...change }, options);
}

function whole({ kernel }: Subject, { memory }: Observation): Buffer {
  const { start, end } = imageRange(kernel);
  return Buffer.from(memory.read(start, end - start, 'the image'));
}

describe.each([
  ['native', 'bare'],
  ['xen', 'bare'],
  ['xen', 'xen-pv-dom0'],
  ['stock', 'bare'],
] as const)('the %s kernel as %s', (name, environment) => {
  it('leaves memory in which every change has an owner', async () => {
    const subject = await subjects[name]();
    const observation = await look(await testWorkspace(), subject, environment);
    expect(observation).toMatchObject({ exact: true, cached: false, environment, cpu: 'qemu64' });
    expect(observation.physical === 0x100_0000).toBe(environment === 'bare');

    const { tables, unread } = readableTables(subject.kernel);
    expect(unread).toEqual([]);
    const changes = attribute(subject.kernel, observation.memory, tables);
    expect(changes.unexplained).toEqual([]);
    expect(changes.text.size).toBeGreaterThan(4e6);
    expect(changes.text.changed).toBeGreaterThan(5000);
    expect(changes.constants.changed).toBeGreaterThan(0);
    const [onXen] = changes.direct;
    expect(onXen?.changedBytes ?? 0).toBe(environment === 'bare' ? 0 : 4);
  });
});

describe('an observation', () => {
  it('repeats to the last byte, holds variables, and is found again', async () => {
    const subject = await lab('native');
    const [one, other] = [await testWorkspace(), await testWorkspace()];
    const first = await look(one, subject, 'bare');
    const second = await look(other, subject, 'bare');
    expect(second.inputHash).toBe(first.inputHash);
    expect(whole(subject, second).equals(whole(subject, first))).toBe(true);

    // What decides at boot what becomes of code lies in .data and .bss.
    const state = addressOfName(subject.kernel.names, 'system_state')!;
    expect([...first.memory.read(state, 4, 'system_state')]).toEqual([3, 0, 0, 0]); // SYSTEM_RUNNING

    const events: ProgressEvent[] = [];
    const options = { onProgress: (event: ProgressEvent) => events.push(event) };
    const again = await look(one, subject, 'bare', {}, options);
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'end']);
    expect(again).toMatchObject({ cached: true, sha256: first.sha256, console: first.console });
    expect(whole(subject, again).equals(whole(subject, first))).toBe(true);

    // One that is damaged is taken anew.
    const folder = join(one.folders.home, 'observations');
    const [kept = ''] = await readdir(folder);
    await writeFile(join(folder, kept), '{"version":1');
    const anew = await look(one, subject, 'bare');
    expect(anew).toMatchObject({ cached: false, sha256: first.sha256 });
  });

  it('of another processor is explained too', async () => {
    const subject = await lab('native');
    const machine = { ...defaultMachine, cpu: 'max' };
    const observation = await look(await testWorkspace(), subject, 'bare', { machine });
    expect(observation.cpu).toBe('max');
    const { tables } = readableTables(subject.kernel);
    expect(attribute(subject.kernel, observation.memory, tables).unexplained).toEqual([]);
  });

  it('tells how a boot ended that did not get there', async () => {
    const workspace = await testWorkspace();
    const subject = await lab('native');
    await expect(look(workspace, subject, 'xen-pv-dom0')).rejects.toEqual(
      labError('boot-not-completed', { message: expect.stringMatching(/^xen-panic/) as string }),
    );
    await expect(
      look(workspace, subject, 'bare', { append: 'init=/nothing rdinit=/nothing' }),
    ).rejects.toEqual(labError('boot-not-completed'));
    await expect(readdir(join(workspace.folders.home, 'observations'))).rejects.toThrow('ENOENT');
  });

  it('refuses the memory of another kernel', async () => {
    const [{ file }, { kernel }] = [await lab('native'), await lab('xen')];
    await expect(look(await testWorkspace(), { file, kernel }, 'bare')).rejects.toEqual(
      labError('patch-memory-not-found'),
    );
  });

  it('can be cancelled', async () => {
    const controller = new AbortController();
    const onProgress = (event: ProgressEvent): void => {
      if (event.kind === 'line') controller.abort();
    };
    const options = { signal: controller.signal, onProgress };
    await expect(
      look(await testWorkspace(), await lab('native'), 'bare', {}, options),
    ).rejects.toEqual(labError('cancelled'));
  });
});
