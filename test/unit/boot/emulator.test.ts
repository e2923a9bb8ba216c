import { expect, it } from 'vitest';
import { createQemu } from '../../../engine/boot/index.js';
import { testFolder } from '../../support/test-folder.js';
import { request } from './support.js';

it('refuses a folder as a kernel before anything is started', async () => {
  const folder = await testFolder();
  const emulator = createQemu({ cacheFolder: folder, program: '/nowhere/qemu' });
  await expect(emulator.command(request({ kernel: folder }))).rejects.toMatchObject({
    code: 'not-a-regular-file',
    place: { file: folder },
  });
});
