import fc from 'fast-check';
import { recipeKernel, type TestFunction, type TestKernelOptions } from './recipe-kernel.js';

/** Two kernels to be built. */
export interface PairPlan {
  base: readonly TestFunction[];
  baseOptions: TestKernelOptions;
  flavour: readonly TestFunction[];
  flavourOptions: TestKernelOptions;
  /** Made in the flavour's bytes afterwards. */
  damage: readonly Damage[];
}

/** So many bytes from one place are put in at another, and some there taken away. */
interface Damage {
  from: number;
  to: number;
  size: number;
}

export interface Pair {
  base: Uint8Array;
  flavour: Uint8Array;
}

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
  names: fc.constantFrom(false, false, true),
  fill: fc.constantFrom(0, 100, 3000),
  moved: fc.constantFrom(0, 0, 0x10, 0x200000),
  variables: fc.constantFrom(0, 1, 50),
});

/** An edit of a list: drop, move, put in from another, or change what is called. */
const edit = fc.record({ kind: fc.nat(3), from: fc.nat(60), to: fc.nat(60) });

function edited(
  base: readonly TestFunction[],
  other: readonly TestFunction[],
  edits: readonly { kind: number; from: number; to: number }[],
): readonly TestFunction[] {
  const list = [...base];
  for (const { kind, from, to } of edits) {
    if (kind === 0) list.splice(from, 2);
    else if (kind === 1) list.splice(to, 0, ...list.splice(from, 3));
    else if (kind === 2) list.splice(from, 0, ...other.slice(to, to + 2));
    else if (list[from]) list[from] = { ...list[from], calls: [to, from] };
  }
  return list.length > 0 ? list : other;
}

/** Kernels of much the same functions, now and then of others. */
export const pairs: fc.Arbitrary<PairPlan> = fc
  .record({
    base: functions,
    other: functions,
    edits: fc.array(edit, { maxLength: 10 }),
    baseOptions: options,
    otherOptions: options,
    alike: fc.constantFrom(true, true, false),
    variables: fc.constantFrom(0, 0, 3),
  })
  .map(({ base, other, edits, baseOptions, otherOptions, alike, variables }) => ({
    base,
    baseOptions,
    flavour: edited(base, other, edits),
    flavourOptions: alike ? { ...baseOptions, variables } : otherOptions,
    damage: [],
  }));

/** The same, with what no compiler makes in the flavour. */
export const damagedPairs: fc.Arbitrary<PairPlan> = fc
  .tuple(
    pairs,
    fc.array(fc.record({ from: fc.nat(60_000), to: fc.nat(60_000), size: fc.nat(300) }), {
      maxLength: 6,
    }),
  )
  .map(([plan, damage]) => ({ ...plan, damage }));

/** Damage spares the headers in front, so that most files can still be read. */
export function buildPair(plan: PairPlan): Pair {
  const headers = 600;
  let flavour = recipeKernel(plan.flavour, plan.flavourOptions);
  for (const { from, to, size } of plan.damage) {
    const at = headers + (to % (flavour.length - headers));
    const piece = flavour.subarray(from % flavour.length, (from % flavour.length) + size);
    const behind = flavour.subarray(at + (from % 3 === 0 ? size : piece.length));
    flavour = Uint8Array.from(Buffer.concat([flavour.subarray(0, at), piece, behind]));
  }
  return { base: recipeKernel(plan.base, plan.baseOptions), flavour };
}
