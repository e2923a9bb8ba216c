import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject, describe, expect, it } from 'vitest';
import {
  createQemu,
  defaultMachine,
  type EnvironmentName,
  type Machine,
} from '../../engine/boot/index.js';
import { addressOfName } from '../../engine/kernel/names.js';
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
import { labError } from '../support/lab-error.js';
import { testWorkspace } from '../support/measure.js';
import { patchSubject, type PatchSubject } from '../support/patch-kernel.js';
import { sharedWorkspace } from '../support/shared-workspace.js';

const maximal: Machine = { ...defaultMachine, cpu: 'max' };

/** Looks in a workspace of one's own, in which nothing was seen before. */
function look(
  workspace: Workspace,
  { file, kernel }: PatchSubject,
  environment: EnvironmentName,
  change: Partial<ObserveRequest> = {},
  options: JobOptions = {},
): Promise<Observation> {
  const emulator = createQemu({ cacheFolder: `${inject('kernels').home}/xen` });
  return observe({ workspace, emulator }, { file, kernel, environment, ...change }, options);
}

function whole({ kernel }: PatchSubject, { memory }: Observation): Buffer {
  const { start, end } = imageRange(kernel);
  return Buffer.from(memory.read(start, end - start, 'the image'));
}

interface Case {
  image: 'native' | 'xen' | 'stock';
  environment: EnvironmentName;
  /** What makes it another machine than the default: the same as in patch-oracle.test.ts. */
  with: string;
  change?: Partial<ObserveRequest>;
}

const cases: readonly Case[] = [
  { image: 'native', environment: 'bare', with: '' },
  { image: 'xen', environment: 'bare', with: '' },
  { image: 'xen', environment: 'xen-pv-dom0', with: '' },
  { image: 'stock', environment: 'bare', with: '' },
  {
    ...{ image: 'stock', environment: 'bare', with: ', no retpolines and the most features' },
    change: { append: 'spectre_v2=off', machine: maximal },
  },
];

describe.each(cases)('the $image kernel as $environment$with', (request) => {
  it('leaves memory in which every change has an owner', async () => {
    const { image, environment, change } = request;
    const { file, kernel } = await patchSubject(image);
    const services = await sharedWorkspace();
    const observation = await observe(services, { file, kernel, environment, ...change });
    const cpu = change?.machine?.cpu ?? 'qemu64';
    expect(observation).toMatchObject({ exact: true, environment, cpu });
    expect(observation.physical === 0x100_0000).toBe(environment === 'bare');

    const { tables, unread } = readableTables(kernel);
    expect(unread).toEqual([]);
    const changes = attribute(kernel, observation.memory, tables);
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
    const subject = await patchSubject('native');
    const first = await observe(await sharedWorkspace(), { ...subject, environment: 'bare' });
    const one = await testWorkspace();
    const second = await look(one, subject, 'bare');
    expect(second).toMatchObject({ cached: false, inputHash: first.inputHash });
    expect(whole(subject, second).equals(whole(subject, first))).toBe(true);

    // What decides at boot what becomes of code lies in .data and .bss.
    const state = addressOfName(subject.kernel.names, 'system_state')!;
    expect([...first.memory.read(state, 4, 'system_state')]).toEqual([3, 0, 0, 0]); // SYSTEM_RUNNING

    const events: ProgressEvent[] = [];
    const options = { onProgress: (event: ProgressEvent) => events.push(event) };
    const again = await look(one, subject, 'bare', {}, options);
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'end']);
    expect(again).toMatchObject({ cached: true, sha256: first.sha256, console: second.console });
    expect(whole(subject, again).equals(whole(subject, first))).toBe(true);

    // One that is damaged is taken anew.
    const folder = join(one.folders.home, 'observations');
    const [kept = ''] = await readdir(folder);
    await writeFile(join(folder, kept), '{"version":1');
    const anew = await look(one, subject, 'bare');
    expect(anew).toMatchObject({ cached: false, sha256: first.sha256 });
  });

  it('tells how a boot ended that did not get there', async () => {
    const workspace = await testWorkspace();
    const subject = await patchSubject('native');
    await expect(look(workspace, subject, 'xen-pv-dom0')).rejects.toEqual(
      labError('boot-not-completed', { message: expect.stringMatching(/^xen-panic/) as string }),
    );
    await expect(
      look(workspace, subject, 'bare', { append: 'init=/nothing rdinit=/nothing' }),
    ).rejects.toEqual(labError('boot-not-completed'));
    await expect(readdir(join(workspace.folders.home, 'observations'))).rejects.toThrow('ENOENT');
  });

  it('refuses the memory of another kernel', async () => {
    const [{ file }, { kernel }] = [await patchSubject('native'), await patchSubject('xen')];
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
      look(await testWorkspace(), await patchSubject('native'), 'bare', {}, options),
    ).rejects.toEqual(labError('cancelled'));
  });
});
