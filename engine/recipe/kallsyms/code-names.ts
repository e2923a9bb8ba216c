import { recipeErrors } from '../../errors/recipe.js';
import {
  bitModel,
  byteModel,
  numberModel,
  type Model,
  type RangeCoder,
  type RangeDecoder,
} from '../range-coder.js';
import type { Matching } from './match.js';
import { longestName } from './tables.js';

/**
 * The names of a flavour as a list of steps over those of the base. A cursor
 * walks over the base's names; each can be taken once, and the cursor passes
 * over those that were taken out of order.
 */
const steps = {
  /** Takes so many names at the cursor. */
  copy: 0,
  /** Moves the cursor over so many names. */
  skip: 1,
  /** Takes a name, so far from the cursor. */
  near: 2,
  /** Takes a name, so far from the one behind the last that was taken out of order. */
  next: 3,
  /** A new name, packed. */
  fresh: 4,
} as const;
const stepBits = 3;
const stepKinds = 1 << stepBits;

interface NameModels {
  step: Model;
  /** Counts of names to copy and to skip. */
  run: Model;
  /** Distances, from the cursor and from the last. */
  distance: Model;
  length: Model;
  code: Model;
  /** Number of ties and distances between them. */
  tied: Model;
}

function nameModels(): NameModels {
  return {
    step: bitModel(stepKinds * stepKinds),
    run: numberModel(2),
    distance: numberModel(2),
    length: numberModel(),
    code: byteModel(),
    tied: numberModel(2),
  };
}

/** Names of the base, and which of them were taken. */
class Walk {
  cursor = 0;
  /** Behind the last name that was taken out of order. */
  next = 0;
  /** The last one. */
  step: number = steps.copy;
  readonly #taken: Uint8Array;

  constructor(readonly baseCount: number) {
    this.#taken = new Uint8Array(baseCount);
  }

  /** Moves the cursor to a name that was not taken; false if there is none. */
  settle(): boolean {
    while (this.cursor < this.baseCount && this.#taken[this.cursor] === 1) this.cursor++;
    return this.cursor < this.baseCount;
  }

  /** Takes a name; false if it cannot be. */
  take(index: number): boolean {
    if (index < 0 || index >= this.baseCount || this.#taken[index] === 1) return false;
    this.#taken[index] = 1;
    return true;
  }
}

function codeStep(coder: RangeCoder, models: NameModels, walk: Walk, step = 0): number {
  const base = stepKinds * walk.step;
  walk.step = coder.tree(models.step, base, stepBits, step) & (stepKinds - 1);
  return walk.step;
}

/** What is needed beside the base's names and where they go. */
export interface NewNames {
  /** Packed names that the base does not have, in order. */
  fresh: readonly Uint8Array[];
  /** Joints that must be tied to translate the others, ascending. */
  ties: readonly number[];
}

export function encodeNames(
  coder: RangeCoder,
  { source, inOrder }: Matching,
  baseCount: number,
  { fresh, ties }: NewNames,
): void {
  const models = nameModels();
  coder.number(models.tied, 0, ties.length);
  ties.forEach((joint, i) => coder.number(models.tied, 1, joint - (ties[i - 1] ?? -1) - 1));
  const walk = new Walk(baseCount);
  let freshUsed = 0;
  for (let i = 0; i < source.length;) {
    if (inOrder[i] === 1) {
      skipTo(coder, models, walk, source[i]!);
      let count = 0;
      while (inOrder[i] === 1 && walk.settle() && source[i] === walk.cursor) {
        walk.take(walk.cursor++);
        count++;
        i++;
      }
      codeStep(coder, models, walk, steps.copy);
      coder.number(models.run, 0, count - 1);
    } else if (source[i]! >= 0) {
      encodeReference(coder, models, walk, source[i++]!);
    } else {
      encodeFresh(coder, models, walk, fresh[freshUsed++]!);
      i++;
    }
  }
}

function skipTo(coder: RangeCoder, models: NameModels, walk: Walk, target: number): void {
  let count = 0;
  while (walk.settle() && walk.cursor < target) {
    walk.cursor++;
    count++;
  }
  if (count === 0) return;
  codeStep(coder, models, walk, steps.skip);
  coder.number(models.run, 1, count - 1);
}

function encodeReference(coder: RangeCoder, models: NameModels, walk: Walk, index: number): void {
  const near = index - walk.cursor;
  const next = index - walk.next;
  const isNext = Math.abs(next) < Math.abs(near);
  codeStep(coder, models, walk, isNext ? steps.next : steps.near);
  coder.signed(models.distance, isNext ? 1 : 0, isNext ? next : near);
  walk.take(index);
  walk.next = index + 1;
}

function encodeFresh(coder: RangeCoder, models: NameModels, walk: Walk, name: Uint8Array): void {
  codeStep(coder, models, walk, steps.fresh);
  coder.number(models.length, 0, name.length);
  for (const code of name) coder.byte(models.code, 0, code);
}

/**
 * @returns for each name its index in the base, or from baseCount on an index into `fresh`
 * @throws recipe-malformed
 */
export function decodeNames(
  coder: RangeDecoder,
  count: number,
  baseCount: number,
  freshCount: number,
): NewNames & { source: Uint32Array } {
  const models = nameModels();
  const ties = decodeTies(coder, models);
  const walk = new Walk(baseCount);
  const source = new Uint32Array(count);
  const fresh: Uint8Array[] = [];
  for (let i = 0; i < count;) {
    const step = codeStep(coder, models, walk);
    if (step === steps.copy) {
      const run = coder.number(models.run, 0) + 1;
      if (run > count - i) throw malformed('more symbols than there are');
      for (let k = 0; k < run; k++) {
        if (!walk.settle()) throw malformed("a symbol behind the base's last");
        walk.take(walk.cursor);
        source[i++] = walk.cursor++;
      }
    } else if (step === steps.skip) {
      for (let k = coder.number(models.run, 1) + 1; k > 0; k--) {
        if (!walk.settle()) throw malformed("a symbol behind the base's last");
        walk.cursor++;
      }
    } else if (step === steps.near || step === steps.next) {
      const from = step === steps.near ? walk.cursor : walk.next;
      const index = from + coder.signed(models.distance, step === steps.near ? 0 : 1);
      if (!walk.take(index)) throw malformed('a symbol that is not there');
      walk.next = index + 1;
      source[i++] = index;
    } else if (step === steps.fresh) {
      const length = coder.number(models.length, 0);
      if (length === 0 || length > longestName || fresh.length === freshCount) {
        throw malformed('a new symbol of impossible length, or one too many');
      }
      fresh.push(Uint8Array.from({ length }, () => coder.byte(models.code, 0)));
      source[i++] = baseCount + fresh.length - 1;
    } else {
      throw malformed('an unknown step in the list of symbols');
    }
  }
  return { source, fresh, ties };
}

function decodeTies(coder: RangeDecoder, models: NameModels): number[] {
  const ties: number[] = [];
  for (let left = coder.number(models.tied, 0); left > 0; left--) {
    const joint = (ties.at(-1) ?? -1) + 1 + coder.number(models.tied, 1);
    if (joint > 0xffff) throw malformed('a tie of codes that are none');
    ties.push(joint);
  }
  return ties;
}

const malformed = (why: string): Error => recipeErrors.malformed({ why: `kallsyms: ${why}` });
