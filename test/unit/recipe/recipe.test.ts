import { describe, expect, it } from 'vitest';
import { LabError } from '../../../engine/errors/lab-error.js';
import { codeLayout, type Layout } from '../../../engine/recipe/layout.js';
import { rebuild, writeRecipe } from '../../../engine/recipe/index.js';
import { RangeDecoder, RangeEncoder } from '../../../engine/recipe/range-coder.js';
import { labError } from '../../support/lab-error.js';
import {
  multiOk,
  multiRecipe,
  multiRoom,
  recipeHost,
  type HostAnswer,
} from '../../support/recipe-host.js';
import {
  recipeKernel,
  type TestFunction,
  type TestKernelOptions,
} from '../../support/recipe-kernel.js';

const malformed = labError('recipe-malformed');

const functions: TestFunction[] = Array.from({ length: 60 }, (_, i) => ({
  seed: i + 1,
  calls: [1 + ((i * 7) % 60), 1 + ((i * 11) % 60), 1 + ((i * 3) % 60)],
}));
/** Two new functions, one that is gone, two that changed places, one that calls another. */
const changed: TestFunction[] = [
  ...functions.slice(0, 9),
  { seed: 101, calls: [1, 5] },
  ...functions.slice(20, 24),
  ...functions.slice(9, 20),
  ...functions.slice(25, 40),
  { ...functions[40]!, calls: [2, 2, 2] },
  { seed: 102, calls: [] },
  ...functions.slice(41),
];

function roundTrip(base: Uint8Array, flavour: Uint8Array) {
  const recipe = writeRecipe(base, flavour);
  expect(Buffer.compare(rebuild(recipe.bytes, base, flavour.length), flavour)).toBe(0);
  return recipe;
}

const sizeOf = (recipe: ReturnType<typeof writeRecipe>, stage: string): number =>
  recipe.stages.find(({ name }) => name === stage)!.size;

describe('a recipe', () => {
  it('of a kernel from itself says little but where everything lies', () => {
    const kernel = recipeKernel(functions, { names: true, fill: 200 });
    const recipe = roundTrip(kernel, kernel);
    expect(recipe.copies.filter(({ to, from }) => to !== from)).toEqual([]);
    // Cut where loaded ranges begin and end.
    expect(recipe.copies.length).toBeLessThan(15);
    expect(recipe.namesStored).toBeNull();
    expect(recipe.bytes.length - sizeOf(recipe, 'layout')).toBeLessThan(400);
  });

  it('moves addresses with what they point at, and stores none of them', () => {
    const options = { fill: 200, names: true };
    const base = recipeKernel(functions, options);
    const flavour = recipeKernel(functions, { ...options, moved: 0x4567890 });
    const [same, moved] = [roundTrip(base, base), roundTrip(base, flavour)];
    // Nearly every field is another: 60 functions with 11 fields each, and tables.
    expect(moved.bytes.length).toBeLessThan(same.bytes.length + 150);
  });

  it('stores what differs between two kernels, not what follows from it', () => {
    const options = { names: true, fill: 200 };
    const [base, flavour] = [recipeKernel(functions, options), recipeKernel(changed, options)];
    const recipe = roundTrip(base, flavour);
    expect(recipe.bytes.length).toBeLessThan(flavour.length / 8);
    expect(recipe.copies.length).toBeLessThan(90);
  });

  const kinds: [string, TestKernelOptions, TestKernelOptions][] = [
    ['without section headers', { sections: false }, { sections: false }],
    ['without relocations', { relocations: false }, { relocations: false }],
    ['for i386', { width: 32, names: true }, { width: 32, names: true }],
    ['of which only the base has ORC', {}, { orc: false }],
    ['of which only the flavour has relocations', { relocations: false }, {}],
    ['for different machines', { width: 32 }, { names: true }],
    ['with more fill than the base', { fill: 100 }, { fill: 50_000 }],
  ];
  it.each(kinds)('is made of kernels %s', (_, of, to) => {
    roundTrip(recipeKernel(functions, of), recipeKernel(changed, to));
  });

  it('is made of images that have nothing in common', () => {
    const other = Array.from({ length: 30 }, (_, i) => ({ seed: 500 + i, calls: [] }));
    const flavour = recipeKernel(other);
    const recipe = roundTrip(recipeKernel(functions), flavour);
    expect(recipe.bytes.length).toBeLessThan(flavour.length);
  });

  it('keeps bytes behind the ELF that are no relocation table', () => {
    const base = recipeKernel(functions);
    for (const tail of [[1], [1, 2, 3, 4, 5], [0, 0, 0, 0, 7, 0, 0]]) {
      roundTrip(base, Uint8Array.from([...base, ...tail]));
      roundTrip(Uint8Array.from([...base, ...tail]), base);
    }
  });

  it('is not made of what is no kernel', () => {
    const kernel = recipeKernel(functions);
    expect(() => writeRecipe(kernel, new Uint8Array(500))).toThrow(LabError);
    expect(() => writeRecipe(new Uint8Array(500), kernel)).toThrow(LabError);
  });
});

describe('a recipe that is damaged', () => {
  const apply = recipeHost();
  const few = functions.slice(0, 12);
  const base = recipeKernel(few, { names: true });
  const flavour = recipeKernel([...few.slice(2), few[0]!, { seed: 77, calls: [3] }], {
    names: true,
    variables: 2,
  });
  const { bytes, workSize, distance } = writeRecipe(base, flavour);

  /** What both decoders say; they must agree. */
  function judge(recipes: readonly Uint8Array[]): ('right' | 'wrong' | 'refused')[] {
    const answers = apply({ base, flavour, workSize, recipes });
    return recipes.map((recipe, i) => {
      const { status, right } = answers[i]!;
      try {
        const out = rebuild(recipe, base, flavour.length);
        const isRight = Buffer.compare(out, flavour) === 0;
        expect({ status, right }).toEqual({ status: multiOk, right: isRight });
        return isRight ? 'right' : 'wrong';
      } catch (error) {
        if (!(error instanceof LabError)) throw error;
        expect(error.code).toBe('recipe-malformed');
        expect([multiRecipe, multiRoom]).toContain(status);
        return 'refused';
      }
    });
  }

  it('is refused at every length but its own', () => {
    const cut = Array.from(bytes, (_, length) => bytes.slice(0, length));
    const judged = judge([...cut, bytes]);
    expect(judged.pop()).toBe('right');
    // Of the range coder's last bytes some may never be looked at; they are not at the end.
    expect(new Set(judged)).toEqual(new Set(['refused']));
  });

  it.each([
    ['turned over', (byte: number) => byte ^ 0xff],
    ['one more', (byte: number) => byte + 1],
    ['with another upper bit', (byte: number) => byte ^ 0x80],
  ])('is refused, or gives something else, with any byte %s', (_, change) => {
    const all = Array.from(bytes, (byte, at) => {
      const changed = bytes.slice();
      changed[at] = change(byte);
      return changed;
    });
    const judged = judge(all);
    // Padding, and the end of the range-coded stream, do not matter.
    expect(judged.filter((outcome) => outcome === 'right').length).toBeLessThan(12);
    expect(judged).toContain('wrong');
  });

  it('is refused when its layout points outside', () => {
    const coded = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const layout = codeLayout(new RangeDecoder(bytes.slice(4, 4 + coded)));
    const far = 0xfffffff0;
    const damages: ((layout: Layout) => void)[] = [
      ({ base }) => (base.size = far),
      ({ flavour }) => (flavour.size += 1),
      ({ flavour }) => (flavour.elfEnd = far),
      ({ base }) => (base.loaded[0]!.offset = far),
      ({ flavour }) => (flavour.loaded[1]!.size = far),
      ({ base }) => (base.relocations.abs64.offset = far),
      ({ flavour }) => (flavour.relocations.abs32.size = far),
      ({ base }) => (base.orc!.count = far),
      ({ flavour }) => (flavour.orc!.entries = far),
      ({ code }) => (code[0]!.size = far),
      ({ code }) => (code[0]!.offset = 0),
    ];
    const recipes = damages.map((damage) => {
      const damaged = structuredClone(layout);
      damage(damaged);
      const coder = new RangeEncoder();
      codeLayout(coder, damaged);
      const stream = coder.finish();
      const recipe = new Uint8Array(4 + stream.length + 100);
      new DataView(recipe.buffer).setUint32(0, stream.length, true);
      recipe.set(stream, 4);
      return recipe;
    });
    expect(judge(recipes)).toEqual(recipes.map(() => 'refused'));
  });

  it('is refused with a base of another size, or for a flavour of another', () => {
    for (const size of [0, 10, base.length - 1, base.length + 1]) {
      const other = new Uint8Array(size);
      expect(() => rebuild(bytes, other, flavour.length)).toThrow(malformed);
      const [answer] = apply({ base: other, flavour, workSize, recipes: [bytes] });
      expect(answer!.status).toBe(multiRecipe);
    }
    const shorter = flavour.slice(0, -4);
    expect(() => rebuild(bytes, base, shorter.length)).toThrow(malformed);
    const [answer] = apply({ base, flavour: shorter, workSize, recipes: [bytes] });
    expect(answer!.status).toBe(multiRecipe);
  });

  it('gives something else from another base', () => {
    const other = base.slice();
    other.fill(0x55, 600, 1200);
    expect(judgeWith(other)).toEqual([{ status: multiOk, right: false }]);
    const out = rebuild(bytes, other, flavour.length);
    expect(Buffer.compare(out, flavour)).not.toBe(0);
  });

  it('is not begun without room for it', () => {
    for (let room = 0; room < workSize; room += 16_384) {
      const [answer] = apply({ base, flavour, workSize: room, recipes: [bytes] });
      // What rounding takes is estimated.
      if (room < workSize - 0x60000) expect(answer).toEqual({ status: multiRoom, right: false });
      else expect([multiOk, multiRoom]).toContain(answer!.status);
    }
  });

  it('may overwrite the base', () => {
    expect(distance).toBeLessThanOrEqual(flavour.length);
    const recipes = [bytes];
    const right = { status: multiOk, right: true };
    expect(apply({ base, flavour, workSize, distance, recipes })).toEqual([right]);
  });

  function judgeWith(other: Uint8Array): HostAnswer[] {
    return apply({ base: other, flavour, workSize, recipes: [bytes] });
  }
});
