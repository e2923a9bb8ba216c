import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { preferredFile } from '../../../engine/bundle.js';
import { testFolder } from '../../support/test-folder.js';

it("takes the user's choice, then the bundle's file, then what is installed", async () => {
  const folder = await testFolder();
  expect(preferredFile('xen', folder)).toBeUndefined();

  await mkdir(join(folder, 'boot'));
  const bundled = join(folder, 'boot', 'xen-4.17-amd64.gz');
  await writeFile(bundled, '');
  expect(preferredFile('xen', folder)).toEqual({ path: bundled, by: 'bundle' });
  expect(preferredFile('qemu', folder)).toBeUndefined();

  onTestFinished(() => {
    delete process.env['KBL_XEN'];
  });
  process.env['KBL_XEN'] = '/home/a/xen.gz';
  expect(preferredFile('xen', folder)).toEqual({ path: '/home/a/xen.gz', by: 'KBL_XEN' });
});

it('has no bundle in a checkout', () => {
  for (const id of ['qemu', 'xen', 'ovmf', 'busybox'] as const) {
    expect(preferredFile(id)).toBeUndefined();
  }
});
