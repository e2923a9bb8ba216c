import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { extractVmlinux, readBzImage } from '../../engine/bzimage/index.js';
import { rebuild, writeRecipe } from '../../engine/recipe/index.js';
import { testKernel } from '../support/kernels.js';
import { multiOk, multiRecipe, multiRoom, recipeHost } from '../support/recipe-host.js';

const payloadOf = async (flavour: 'native' | 'xen'): Promise<Uint8Array> =>
  (await extractVmlinux(readBzImage(await readFile(testKernel(flavour).bzImage)))).bytes;

describe('a recipe of real kernels', async () => {
  const apply = recipeHost();
  const payloads = { native: await payloadOf('native'), xen: await payloadOf('xen') };

  it.each([
    ['xen', 'native'],
    ['native', 'xen'],
  ] as const)('from %s to %s is exact in both languages, apart and in place', (from, to) => {
    const [base, flavour] = [payloads[from], payloads[to]];
    const recipe = writeRecipe(base, flavour);
    expect(recipe.namesStored).toBeNull();
    expect(recipe.bytes.length).toBeLessThan(flavour.length / 30);
    expect(recipe.workSize).toBeLessThan(8 << 20);
    expect(Buffer.compare(rebuild(recipe.bytes, base, flavour.length), flavour)).toBe(0);

    const job = { base, flavour, workSize: recipe.workSize, recipes: [recipe.bytes] };
    expect(apply(job)).toEqual([{ status: multiOk, right: true }]);
    expect(apply({ ...job, distance: recipe.distance })).toEqual([
      { status: multiOk, right: true },
    ]);
    const [tooLittle] = apply({ ...job, workSize: recipe.workSize >> 1 });
    expect(tooLittle!.status).toBe(multiRoom);
  });

  it('is refused or gives another image when it is damaged, and memory stays safe', () => {
    const { xen: base, native: flavour } = payloads;
    const { bytes, workSize, distance } = writeRecipe(base, flavour);
    const steps = 40;
    const recipes = Array.from({ length: steps }, (_, i) => {
      const changed = bytes.slice();
      changed[Math.floor((bytes.length * i) / steps) + 2]! ^= 1 << (i % 8);
      return changed;
    });
    recipes.push(bytes.slice(0, -1), bytes.slice(0, bytes.length >> 1));
    const answers = apply({ base, flavour, workSize, distance, recipes });
    for (const { status, right } of answers) {
      expect([multiOk, multiRoom, multiRecipe]).toContain(status);
      expect(right).toBe(false);
    }
  });
});
