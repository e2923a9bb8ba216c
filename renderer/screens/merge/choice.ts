import type { Image } from '../../../engine/contract/app/images.js';

/** What is to be merged, as the form has it. */
export interface Choice {
  rows: ChosenImage[];
  /** Hypervisor signatures; none for the rule that Xen's chooses the base. */
  rules: { signature: string; flavour: string }[];
  /** Row of the default flavour; null for the first. */
  fallback: number | null;
  stub: boolean;
  /** Of the multi-image; empty for `multi-VERSION`. */
  name: string;
}

export interface ChosenImage {
  sha256: string;
  /** Its name in the multi-image; empty to have one made up. */
  flavour: string;
}

export function noChoice(): Choice {
  return { rows: [], rules: [], fallback: null, stub: false, name: '' };
}

/** What is offered first: the newest kernel that was built both without and with Xen, native by default. */
export function usualChoice(images: readonly Image[]): Choice {
  const built = mergeable(images).toReversed();
  const xen = built.find(({ flavour }) => flavour === 'xen');
  const version = xen?.kernelVersion;
  const native =
    built.find((one) => one.flavour === 'native' && one.kernelVersion === version) ??
    built.find(({ sha256 }) => sha256 !== xen?.sha256);
  const rows = [native, xen].filter((image) => image !== undefined).map(chosen);
  return { ...noChoice(), rows };
}

/** The parts of a multi-image, as far as the library still has them. */
export function choiceOf({ parts }: Image, images: readonly Image[]): Choice {
  const rows = parts
    .filter(({ sha256 }) => images.some((image) => image.sha256 === sha256))
    .map(({ sha256, label }) => ({ sha256, flavour: label }));
  return { ...noChoice(), rows };
}

/** A multi-image cannot be merged again. */
export function mergeable(images: readonly Image[]): Image[] {
  return images.filter(({ kind, parts }) => kind !== 'merged' && parts.length === 0);
}

export function chosen({ sha256, flavour }: Image): ChosenImage {
  return { sha256, flavour: flavour ?? '' };
}
