import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../engine/errors/lab-error.js';
import { rebuild, writeRecipe, type Recipe } from '../../engine/recipe/index.js';
import { multiOk, multiRecipe, multiRoom, recipeHost } from '../support/recipe-host.js';
import { buildPair, damagedPairs, pairs, type Pair } from '../support/recipe-pairs.js';

/** Null where damage to its headers leaves nothing that can be read. */
function recipeFor({ base, flavour }: Pair): Recipe | null {
  try {
    return writeRecipe(base, flavour);
  } catch (error) {
    if (error instanceof LabError && error.code.startsWith('elf-')) return null;
    throw error;
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe.each([
  ['kernels', pairs],
  ['damaged kernels', damagedPairs],
])('recipes of random %s', (_, plans) => {
  it('rebuild the flavour byte for byte, and add up', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const pair = buildPair(plan);
        const recipe = recipeFor(pair);
        fc.pre(recipe !== null);
        expect(isSame(rebuild(recipe.bytes, pair.base, pair.flavour.length), pair.flavour)).toBe(
          true,
        );
        const sizes = recipe.stages.map(({ size }) => size);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(recipe.bytes.length);
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 40 },
    );
  });
});

/** A change of a recipe, wherever it is. */
const mutation = fc.array(
  fc.record({
    at: fc.nat(),
    // Layout and counts are in front; what is wrong there leads farthest.
    inFront: fc.boolean(),
    kind: fc.constantFrom('flip', 'set', 'zeros', 'ones', 'cut'),
    value: fc.nat(255),
  }),
  { minLength: 1, maxLength: 3 },
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutated(recipe: Uint8Array, changes: Mutation): Uint8Array {
  let bytes = recipe.slice();
  for (const { at, inFront, kind, value } of changes) {
    const place = at % Math.min(bytes.length, inFront ? 300 : Infinity);
    if (kind === 'flip') bytes[place]! ^= 1 << (value % 8);
    else if (kind === 'set') bytes[place] = value;
    else if (kind === 'cut') bytes = bytes.slice(0, Math.max(1, place));
    else bytes.fill(kind === 'ones' ? 255 : 0, place, place + (value % 8));
  }
  return bytes;
}

type Outcome = 'right' | 'wrong' | 'refused';

function outcomeOf(recipe: Uint8Array, { base, flavour }: Pair): Outcome {
  try {
    return isSame(rebuild(recipe, base, flavour.length), flavour) ? 'right' : 'wrong';
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    expect(error.code).toBe('recipe-malformed');
    return 'refused';
  }
}

describe('the decoder in C', () => {
  const apply = recipeHost();

  it('rebuilds the same, in no more memory than it was said to need, apart and in place', () => {
    fc.assert(
      fc.property(fc.oneof(pairs, damagedPairs), (plan) => {
        const pair = buildPair(plan);
        const recipe = recipeFor(pair);
        fc.pre(recipe !== null);
        const { bytes, workSize, distance } = recipe;
        const job = { ...pair, workSize, recipes: [bytes, bytes] };
        const right = { status: multiOk, right: true };
        expect(apply(job)).toEqual([right, right]);
        expect(apply({ ...job, distance })).toEqual([right, right]);
      }),
      { numRuns: 40 },
    );
  });

  it('judges damaged recipes as the one in TypeScript does', () => {
    const plans = fc.sample(fc.oneof(pairs, damagedPairs), { numRuns: 12, seed: 3 });
    const recipesOfPairs = plans.flatMap((plan) => {
      const pair = buildPair(plan);
      const recipe = recipeFor(pair);
      return recipe ? [{ pair, recipe }] : [];
    });
    expect(recipesOfPairs.length).toBeGreaterThan(6);
    const outcomes: Record<Outcome, number> = { right: 0, wrong: 0, refused: 0 };
    recipesOfPairs.forEach(({ pair, recipe: { bytes, workSize, distance } }, i) => {
      const changes = fc.sample(fc.noBias(mutation), { numRuns: 300, seed: i });
      const recipes = changes.map((change) => mutated(bytes, change));
      const answers = apply({ ...pair, workSize, recipes });
      recipes.forEach((recipe, n) => {
        const outcome = outcomeOf(recipe, pair);
        outcomes[outcome]++;
        const { status, right } = answers[n]!;
        // It can run out of room where the other has more.
        if (outcome === 'refused') expect([multiRecipe, multiRoom]).toContain(status);
        else expect({ status, right }).toEqual({ status: multiOk, right: outcome === 'right' });
      });
      // In place the base is overwritten, and the answer may be another; memory stays safe.
      apply({ ...pair, workSize, distance, recipes });
    });
    expect(Math.min(outcomes.wrong, outcomes.refused)).toBeGreaterThan(20);
  });
});
