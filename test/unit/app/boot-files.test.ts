import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { bootWith } from '../../../electron/host/boot-with.js';
import { tryBootFile } from '../../../engine/boot/try-file.js';
import { chosen } from '../../../engine/chosen.mjs';
import { defaultSettings } from '../../../engine/contract/app/shell.js';
import { judge } from '../../../engine/doctor/checks.js';
import { gatherFacts } from '../../../engine/doctor/facts.js';
import { bootFileRows } from '../../../renderer/screens/settings/boot-files.js';
import { testFolder } from '../../support/test-folder.js';

const none = defaultSettings.bootFiles;

it('boots with what Settings say, else with what the app was started with', () => {
  onTestFinished(() => bootWith(none));
  bootWith({ ...none, qemu: '/opt/qemu' });
  expect(chosen('qemu')).toBe('/opt/qemu');
  expect(chosen('xen')).toBeUndefined();
  bootWith(none);
  expect(chosen('qemu')).toBeUndefined();
});

it('shows what was chosen, and a choice that is gone', async () => {
  const folder = await testFolder();
  const xen = join(folder, 'xen-4.99.gz');
  await writeFile(xen, '');
  const files = { ...none, qemu: join(folder, 'gone'), xen };
  bootWith(files);
  onTestFinished(() => bootWith(none));
  const rows = bootFileRows(judge(await gatherFacts(folder)).checks, files);
  expect(rows[0]).toMatchObject({ status: 'missing', source: '', chosenHere: true });
  expect(rows[0]?.found).toContain(join(folder, 'gone'));
  expect(rows[1]).toMatchObject({ status: 'ok', path: xen, source: 'chosen here', found: '' });
});

it('takes no file that nothing can be booted with', async () => {
  const folder = await testFolder();
  const cache = join(folder, 'cache');
  await mkdir(cache);
  const file = join(folder, 'OVMF.fd');
  await writeFile(file, Buffer.alloc(4096));
  const code = (what: string) => expect.objectContaining({ code: what }) as unknown;
  await expect(tryBootFile('ovmf', file, cache)).rejects.toThrow(code('boot-firmware-damaged'));
  await expect(tryBootFile('xen', file, cache)).rejects.toThrow(code('boot-xen-damaged'));
  await expect(tryBootFile('qemu', '/bin/cat', cache)).rejects.toThrow(code('boot-qemu-unusable'));
});
