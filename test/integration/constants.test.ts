import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { defaultMachine } from '../../engine/boot/types.js';
import { replacePayload } from '../../engine/bzimage/index.js';
import { openFileSource } from '../../engine/elf/index.js';
import { chooseConstants, writesOf } from '../../engine/patch/constants/choose.js';
import { findConstants } from '../../engine/patch/constants/constants.js';
import { readVariables } from '../../engine/patch/constants/read.js';
import { variablesNamed } from '../../engine/patch/constants/variables.js';
import { readPatchKernel } from '../../engine/patch/kernel.js';
import { rewrite } from '../../engine/patch/patched-text.js';
import { changeRelocations } from '../../engine/patch/write/relocations.js';
import { packPayload } from '../../engine/patch/write/pack.js';
import { testKernel } from '../support/kernels.js';
import { labError } from '../support/lab-error.js';
import { measureOnce } from '../support/measure.js';
import { patchSubject } from '../support/patch-kernel.js';
import { sharedWorkspace } from '../support/shared-workspace.js';

it('constants: a kernel whose loads became immediates boots, and reads the variables no more', async () => {
  const services = await sharedWorkspace();
  const { workspace } = services;
  const vmlinux = openFileSource(testKernel('xen').vmlinux);
  onTestFinished(() => vmlinux.close());
  const { file, kernel } = await patchSubject('xen');
  const boot = { environment: 'bare', machine: { ...defaultMachine } } as const;
  const workloads = ['fork_exit'];
  const found = await findConstants(services, { file, kernel, vmlinux, ...boot, workloads });
  const symbols = ['pgdir_shift', 'd_hash_shift'];
  const row = (name: string) => found.ranked.find((one) => one.name === name);
  expect(row('pgdir_shift')).toMatchObject({ value: '0x27', hazards: [], early: 0 });
  expect(row('pgdir_shift')?.executed.all).toBeGreaterThan(5);
  // Relocations and decoding find the same.
  expect(found.relocated).toMatchObject({ unrelocated: 0 });

  const { memory } = found.observation;
  const choice = { kernel, file, memory, ...boot };
  await expect(chooseConstants(services, { ...choice, symbols: ['system_state'] })).rejects.toThrow(
    labError('patch-constant-unsafe'),
  );
  const plans = await chooseConstants(services, { ...choice, symbols });
  expect(plans.flatMap(({ loads }) => loads.filter(({ refused }) => refused))).toEqual([]);

  const { writes, dropped, added } = writesOf(plans);
  const rewritten = rewrite(kernel);
  for (const { address, bytes } of writes) {
    rewritten.put(address, bytes, { family: 'runtime-constant', index: -1 });
  }
  expect(changeRelocations(rewritten.payload, { dropped, added })).toBe(0);
  const folder = await workspace.temporaryFolder('constants');
  const packed = await packPayload(
    rewritten.payload,
    kernel.codec,
    kernel.bzImage.payload?.size ?? 0,
    folder,
  );
  const patched = join(folder, 'patched');
  writeFileSync(patched, replacePayload(kernel.bzImage, packed));

  const cell = (path: string) => ({ file: path, environment: 'bare' as const });
  const before = await measureOnce(workspace, cell(file), { workloads });
  const after = await measureOnce(workspace, cell(patched), { workloads });
  expect(after.state).toBe('done');
  // A load from memory is gone, an instruction is not.
  expect(after.measurements[0]?.instructions).toBe(before.measurements[0]?.instructions);
  const again = await readPatchKernel({ label: patched, bytes: readFileSync(patched), vmlinux });
  expect(readVariables(kernel, variablesNamed(kernel, symbols)).loads.length).toBeGreaterThan(5);
  expect(readVariables(again, variablesNamed(again, symbols)).loads).toEqual([]);
});
