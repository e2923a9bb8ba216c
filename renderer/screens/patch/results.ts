import type { Image } from '../../../engine/contract/app/images.js';
import { refusals, type Patched } from '../../../engine/contract/app/patch.js';
import { count } from '../../shared/figures.js';

export type Family = Patched['families'][number];

/** A variable that became a constant. */
export interface ResultConstant {
  symbol: string;
  value: string;
  /** Loads that became immediates, and that did not. */
  replaced: number;
  refused: number;
  /** Why they did not; empty where that is not told. */
  because: string;
}

/** What patching made, of now or of before. */
export interface PatchResult {
  image: Pick<Image, 'sha256' | 'name' | 'size'>;
  original: string;
  environment: string;
  cpu: string;
  families: readonly Family[];
  constants: readonly ResultConstant[];
  /** What is told of a patch that was just done; null of one from before, which keeps its families alone. */
  fresh:
    (Pick<Patched, 'text' | 'relocations' | 'observation'> & { leftOut: readonly string[] }) | null;
}

/** @param leftOut families and sites that were not to be resolved: their text must differ from the booted kernel's */
export function resultOfPatched(
  { image, original, families, constants, ...patched }: Patched,
  leftOut: readonly string[],
): PatchResult {
  const { text, relocations, observation } = patched;
  const { environment, cpu } = observation;
  return {
    ...{ image, original: original.name, environment, cpu, families },
    constants: constants.map(({ symbol, value, replaced, refused }) => ({
      ...{ symbol, value, replaced, refused: refused.length },
      because: [...new Set(refused.map(({ why }) => refusals[why]))].join('; '),
    })),
    fresh: { text, relocations, observation, leftOut },
  };
}

/** Of an image that was patched before; undefined for one that was not. */
export function resultOfImage(image: Image): PatchResult | undefined {
  if (!image.patch) return undefined;
  const { environment, cpu, families, constants } = image.patch;
  return {
    ...{ image, original: image.parts[0]?.label ?? '', environment, cpu, families },
    constants: constants.map((one) => ({ ...one, because: '' })),
    fresh: null,
  };
}

/** What the kernel still does about a family when it boots. */
export function atBoot({ settled, initial, leftBecause }: Family): string {
  if (leftBecause !== null) return 'as before';
  if (settled) {
    if (settled.kept > 0) return `applies ${count(settled.kept)} entries`;
    return `nothing: ${settled.calls === 1 ? 'the call' : `${settled.calls} calls`} that applied it became no-ops`;
  }
  if (initial.length === 0) return '';
  return initial.length === 1
    ? `${initial[0]!} begins with its last value`
    : `${count(initial.length)} keys and calls begin with their last value`;
}

const mostNames = 6;

/** What was left to the kernel, and why. */
export function leftText({ left, leftBecause }: Family): string {
  const more = left.length - mostNames;
  const names = left.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${count(more)} more` : '');
  return [leftBecause, names].filter((part) => part !== null && part !== '').join(': ');
}
