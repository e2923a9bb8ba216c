import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../engine/errors/lab-error.js';
import { readKernelImage, rebuild, writeRecipe } from '../../engine/recipe/index.js';
import {
  recipeKernel,
  type TestFunction,
  type TestKernelOptions,
} from '../support/recipe-kernel.js';

const oneFunction: fc.Arbitrary<TestFunction> = fc.record({
  seed: fc.integer({ min: 1, max: 200 }),
  calls: fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 5 }),
});
const functions = fc.uniqueArray(oneFunction, {
  selector: ({ seed }) => seed,
  minLength: 1,
  maxLength: 60,
});
const options: fc.Arbitrary<TestKernelOptions> = fc.record({
  width: fc.constantFrom(64 as const, 64 as const, 64 as const, 32 as const),
  sections: fc.constantFrom(true, true, true, false),
  relocations: fc.constantFrom(true, true, true, false),
  orc: fc.constantFrom(true, true, false),
  names: fc.boolean(),
  fill: fc.constantFrom(0, 100, 3000),
  moved: fc.constantFrom(0, 0, 0x10, 0x200000),
});

/** One edit of a list: drop, move, put in from another, or change what is called. */
const edit = fc.record({ kind: fc.nat(3), from: fc.nat(60), to: fc.nat(60) });

interface Pair {
  base: Uint8Array;
  flavour: Uint8Array;
}

/** Two kernels of much the same functions. */
const pair: fc.Arbitrary<Pair> = fc
  .tuple(functions, functions, fc.array(edit, { maxLength: 10 }), options, options, fc.boolean())
  .map(([base, other, edits, of, otherOptions, alike]) => {
    const list = [...base];
    for (const { kind, from, to } of edits) {
      if (kind === 0 && list.length > 1) list.splice(from, 2);
      else if (kind === 1) list.splice(to, 0, ...list.splice(from, 3));
      else if (kind === 2) list.splice(from, 0, ...other.slice(to, to + 2));
      else if (list[from]) list[from] = { ...list[from], calls: [to, from] };
    }
    const flavour = recipeKernel(list.length > 0 ? list : other, alike ? of : otherOptions);
    return { base: recipeKernel(base, of), flavour };
  });

/** The flavour of a pair with its bytes changed, cut and doubled at random. */
const damagedPair: fc.Arbitrary<Pair> = fc
  .tuple(pair, fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(300)), { maxLength: 6 }))
  .map(([{ base, flavour }, changes]) => {
    let bytes = Buffer.from(flavour);
    for (const [from, to, size] of changes) {
      const at = 600 + (from % bytes.length);
      const piece = bytes.subarray(to % bytes.length, (to % bytes.length) + size);
      bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + (to % 7) * 40)]);
    }
    return { base, flavour: bytes };
  });

/** Damage to its section headers is found before a recipe is begun. */
function isReadable(bytes: Uint8Array): boolean {
  try {
    readKernelImage(bytes);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    return false;
  }
}

describe('recipes of random kernels', () => {
  it('rebuild the flavour byte for byte', () => {
    fc.assert(
      fc.property(pair, ({ base, flavour }) => {
        const recipe = writeRecipe(base, flavour);
        expect(rebuild(recipe.bytes, base, flavour.length)).toEqual(new Uint8Array(flavour));
      }),
      { numRuns: 30 },
    );
  });
  it('rebuild whatever can be read as a kernel', () => {
    fc.assert(
      fc.property(damagedPair, ({ base, flavour }) => {
        fc.pre(isReadable(flavour));
        const recipe = writeRecipe(base, flavour);
        expect(rebuild(recipe.bytes, base, flavour.length)).toEqual(new Uint8Array(flavour));
      }),
      { numRuns: 30 },
    );
  });
});
