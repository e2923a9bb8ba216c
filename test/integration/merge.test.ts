import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractVmlinux, readBzImage } from '../../engine/bzimage/index.js';
import { imagesDocument, inspectDocument, mergeDocument } from '../../engine/contract.js';
import { extractFlavour } from '../../engine/merge/index.js';
import { projectPath } from '../../engine/paths.js';
import { kbl } from '../support/kbl.js';
import { testKernel } from '../support/kernels.js';
import { testFolder } from '../support/test-folder.js';

/** Images that come alone, as a distribution's do: the test's workspace has built nothing. */
const [native, xen] = [testKernel('native').bzImage, testKernel('xen').bzImage];

describe('kbl merge', () => {
  it('merges images without their build folders by the boot stub, and says so', async () => {
    const home = await testFolder();
    const file = join(home, 'vmlinuz');
    const words = ['merge', `native=${native}`, `guest=${xen}`, '--default', 'guest', '-o', file];
    const { code, stdout, stderr } = await kbl(home, [...words, '--json']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const merged = mergeDocument.parse(JSON.parse(stdout));
    expect(merged).toMatchObject({
      multiImage: { carrier: 'stub', base: 'guest', default: 'guest' },
      stubBecause: 'no build folder of these kernels is at hand',
    });
    const { payload, recipes, rest } = merged.sizes;
    expect(payload + recipes + rest).toBe(merged.image.size);
    const stages = merged.recipes[0]!.stages.reduce((sum, { size }) => sum + size, 0);
    expect(stages).toBe(recipes);
    expect(recipes).toBeLessThan(merged.images[0]!.size / 5);

    const bytes = await readFile(file);
    expect(bytes.length).toBe(merged.image.size);
    const own = await extractVmlinux(readBzImage(await readFile(native)));
    expect(Buffer.compare((await extractFlavour(bytes, 'native')).bytes, own.bytes)).toBe(0);
    const shown = await kbl(home, ['inspect', merged.image.name, '--json']);
    const { description } = inspectDocument.parse(JSON.parse(shown.stdout));
    expect(description.multiImage?.flavours.every(({ intact }) => intact)).toBe(true);
    expect(description.efi).toBeNull();

    const again = await kbl(home, [...words, '--json']);
    expect(mergeDocument.parse(JSON.parse(again.stdout)).image).toEqual(merged.image);
  });

  it('stops on Ctrl-C and leaves nothing behind', async () => {
    const home = await testFolder();
    const words = ['merge', native, xen, '--workspace', home];
    const child = spawn('node', [projectPath('bin', 'kbl.mjs'), ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = once(child, 'exit');
    await new Promise<void>((resolve) => {
      let text = '';
      child.stderr.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('merge ')) resolve();
      });
    });
    child.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
    const { images } = imagesDocument.parse(
      JSON.parse((await kbl(home, ['images', '--json'])).stdout),
    );
    expect(images.map(({ kind }) => kind)).toEqual(['imported', 'imported']);
    expect(await readdir(join(home, 'tmp'))).toEqual([]);
  });
});
