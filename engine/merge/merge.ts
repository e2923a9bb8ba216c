import { rm } from 'node:fs/promises';
import { sha256 } from '../build/digest.js';
import { pvRefusal } from '../bzimage/boots-as.js';
import {
  encodeDirectory,
  extractVmlinux,
  isFlavourName,
  isSignature,
  mostFlavours,
  mostRules,
  payloadBytes,
  readBzImage,
  readDirectory,
  type BzImage,
  type CodecName,
  type Directory,
  type Flavour,
  type SelectionRule,
  type Vmlinux,
} from '../bzimage/index.js';
import { describeKernel } from '../bzimage/kernel.js';
import { fletcher64 } from '../bzimage/fletcher64.js';
import { PT_LOAD, type ElfFile } from '../elf/index.js';
import { protocolText } from '../errors/bzimage.js';
import { commonErrors } from '../errors/common.js';
import { LabError } from '../errors/lab-error.js';
import { mergeErrors } from '../errors/merge.js';
import type { JobOptions, ProgressListener } from '../progress.js';
import { readKernelImage, rebuild, recipeSteps, type Recipe } from '../recipe/index.js';
import type { Bytes } from '../units.js';
import type { Workspace } from '../workspace/types.js';
import { treeCodec, linkDecompressor } from './decompressor.js';
import { linkStub } from './stub.js';

/** A kernel to be merged. */
export interface MergeInput {
  /** The flavour's name, as `kbl.flavour=` gives it. */
  name: string;
  /** Its bzImage. */
  bytes: Uint8Array;
  /** What was kept of its build folder, if it is at hand. */
  tree: string | null;
}

export interface MergeChoices {
  /** The flavour that boots when nothing decides; the first when absent. */
  fallback?: string | undefined;
  /** CPUID signatures and the flavours they choose; Xen's chooses the base when absent. */
  rules?: readonly { signature: string; flavour: string }[] | undefined;
  /** Take the boot stub even where the kernel's own decompressor can be linked. */
  stub?: boolean | undefined;
}

export interface MergedImage {
  bytes: Uint8Array;
  directory: Directory;
  /** Why the boot stub carries it, and not the kernel's own decompressor. */
  stubBecause: string | null;
  /** Of the base's payload. */
  codec: CodecName;
  payloadSize: Bytes;
  /** One for each flavour but the base, in the directory's order. */
  recipes: { flavour: string; recipe: Recipe }[];
}

interface Part {
  input: MergeInput;
  image: BzImage;
  vmlinux: Vmlinux;
}

/**
 * Merges kernels into one bzImage that stores one of them, the base, and a
 * recipe for each of the others. The base is what Xen boots, since Xen unpacks
 * the payload itself; on bare hardware any of them can be chosen.
 * @throws merge-*, recipe-*, stub-*, bzimage-*, payload-*, elf-*, cancelled
 */
export async function mergeKernels(
  workspace: Workspace,
  inputs: readonly MergeInput[],
  choices: MergeChoices = {},
  options: JobOptions = {},
): Promise<MergedImage> {
  checkNames(inputs, choices);
  const job = 'merge';
  const { signal, onProgress } = options;
  const title = `merge ${inputs.map(({ name }) => name).join(' + ')}`;
  onProgress?.({ kind: 'start', job, title });
  // Linking is a part of it.
  const onStep: ProgressListener = (event) => onProgress?.({ ...event, job });
  try {
    const merged = await mergeParts(workspace, inputs, choices, { signal, onProgress: onStep });
    onProgress?.({ kind: 'end', job, result: 'done' });
    return merged;
  } catch (error) {
    onProgress?.({ kind: 'end', job, result: signal?.aborted ? 'cancelled' : 'failed' });
    throw error;
  }
}

async function mergeParts(
  workspace: Workspace,
  inputs: readonly MergeInput[],
  choices: MergeChoices,
  options: JobOptions,
): Promise<MergedImage> {
  const parts: Part[] = [];
  for (const input of inputs) parts.push(await readPart(input, options));
  const base = chooseBase(parts);
  const flavours: Flavour[] = [];
  const recipes: MergedImage['recipes'] = [];
  for (const [i, part] of parts.entries()) {
    const recipe = i === base ? null : await makeRecipe(parts[base]!, part, options);
    if (recipe) recipes.push({ flavour: part.input.name, recipe });
    flavours.push(flavourOf(part, recipe));
  }
  const indexOf = (name: string): number => inputs.findIndex((input) => input.name === name);
  const fallback = choices.fallback === undefined ? 0 : indexOf(choices.fallback);
  const payload = payloadBytes(parts[base]!.image);
  const { codec } = parts[base]!.vmlinux;
  const { tree, why } = choices.stub
    ? { tree: null, why: 'it was asked for' }
    : await decompressorFor(parts, fallback, codec);
  const directory: Directory = {
    carrier: tree === null ? 'stub' : 'decompressor',
    ...{ flavours, base, fallback, rules: rulesOf(choices, indexOf, base) },
  };
  const images = parts.map(({ image }) => image);
  const pieces = { images, payload, directory: encodeDirectory(directory) };
  const bytes =
    tree === null
      ? await linkStub(workspace, pieces, options)
      : await inScratch(workspace, (scratch) =>
          linkDecompressor({ ...pieces, tree, scratch }, options),
        );
  return { bytes, directory, stubBecause: why, codec, payloadSize: payload.length, recipes };
}

/** Gives some work a folder, and removes it. */
async function inScratch<T>(
  workspace: Workspace,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await workspace.temporaryFolder('merge');
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws merge-too-few, merge-too-many, merge-bad-label, merge-bad-rule, merge-no-flavour */
function checkNames(inputs: readonly MergeInput[], choices: MergeChoices): void {
  if (inputs.length < 2) throw mergeErrors.tooFew({ count: inputs.length });
  const rules = choices.rules ?? [];
  for (const [what, count, most] of [
    ['images', inputs.length, mostFlavours],
    ['rules', rules.length, mostRules],
  ] as const) {
    if (count > most) throw mergeErrors.tooMany({ what, count, most });
  }
  for (const { signature, flavour } of rules) {
    if (isSignature(signature)) continue;
    throw mergeErrors.badRule({ rule: `${signature}=${flavour}` });
  }
  const names = new Set<string>();
  for (const { name } of inputs) {
    if (!isFlavourName(name) || names.has(name)) throw mergeErrors.badLabel({ label: name });
    names.add(name);
  }
  const asked = rules.map(({ flavour }) => flavour);
  if (choices.fallback !== undefined) asked.push(choices.fallback);
  for (const name of asked) {
    if (!names.has(name)) throw mergeErrors.noFlavour({ name, flavours: [...names] });
  }
}

async function readPart(input: MergeInput, options: JobOptions): Promise<Part> {
  try {
    const image = readBzImage(input.bytes);
    if (image.protocol < 0x0208) {
      const protocol = protocolText(image.protocol);
      throw mergeErrors.protocolTooOld({ file: input.name, protocol });
    }
    if (readDirectory(image)) throw mergeErrors.alreadyMulti({ file: input.name });
    return { input, image, vmlinux: await extractVmlinux(image, options) };
  } catch (error) {
    throw error instanceof LabError ? error.at({ file: input.name }) : error;
  }
}

/** The last that Xen can boot: `kbl merge native xen`. @throws merge-no-xen-notes */
function chooseBase(parts: readonly Part[]): number {
  const refusals = parts.map(({ vmlinux }) => pvRefusal(describeKernel(vmlinux)));
  const base = refusals.lastIndexOf(null);
  if (base < 0) {
    throw mergeErrors.noXenNotes({ file: parts.at(-1)!.input.name, why: refusals.at(-1)! });
  }
  return base;
}

/**
 * A recipe that was tried: what it makes is compared with what it should make.
 * @throws elf-*, merge-recipe-wrong, cancelled
 */
async function makeRecipe(base: Part, flavour: Part, options: JobOptions): Promise<Recipe> {
  const { name } = flavour.input;
  const { onProgress, signal } = options;
  /** Serves the caller's events: between the steps it is drawn, and cancelled. */
  const begin = async (detail: string): Promise<void> => {
    onProgress?.({ kind: 'step', job: 'merge', detail: `${name}: ${detail}` });
    await new Promise(setImmediate);
    if (signal?.aborted) throw commonErrors.cancelled({ what: 'merging' });
  };
  const wanted = flavour.vmlinux.bytes;
  const steps = recipeSteps(base.vmlinux.bytes, wanted, signal);
  let step = steps.next();
  for (; !step.done; step = steps.next()) await begin(step.value);
  const recipe = step.value;
  await begin('checking');
  const made = rebuild(recipe.bytes, base.vmlinux.bytes, wanted.length);
  if (Buffer.compare(made, wanted) !== 0) throw mergeErrors.recipeWrong({ flavour: name });
  return recipe;
}

function flavourOf({ input, image, vmlinux }: Part, recipe: Recipe | null): Flavour {
  const { bytes, elf } = vmlinux;
  return {
    name: input.name,
    imageSize: bytes.length,
    tailSize: bytes.length - readKernelImage(bytes).elfEnd,
    workSize: recipe?.workSize ?? 0,
    distance: recipe?.distance ?? 0,
    checksum: fletcher64(bytes),
    ...memoryOf(elf),
    original: sha256(input.bytes),
    initSize: image.fields.init_size ?? 0,
    recipe: recipe?.bytes ?? new Uint8Array(0),
  };
}

/** Where the loaded segments begin, and the room they take with .bss. */
function memoryOf({ segments }: ElfFile): { loadAddress: bigint; memorySize: Bytes } {
  let start: bigint | null = null;
  let end = 0n;
  for (const { type, physicalAddress, memorySize } of segments) {
    if (type !== PT_LOAD || memorySize === 0) continue;
    if (start === null || physicalAddress < start) start = physicalAddress;
    const last = physicalAddress + BigInt(memorySize);
    if (last > end) end = last;
  }
  return { loadAddress: start ?? 0n, memorySize: Number(end - (start ?? 0n)) };
}

function rulesOf(
  choices: MergeChoices,
  indexOf: (name: string) => number,
  base: number,
): SelectionRule[] {
  if (!choices.rules) return [{ signature: 'XenVMMXenVMM', flavour: base }];
  return choices.rules.map(({ signature, flavour }) => ({ signature, flavour: indexOf(flavour) }));
}

/** A tree whose decompressor can take the place: the default flavour's, else any. */
async function decompressorFor(
  parts: readonly Part[],
  fallback: number,
  codec: CodecName,
): Promise<{ tree: string | null; why: string | null }> {
  const [first, ...others] = [parts[fallback]!, ...parts.filter((_, i) => i !== fallback)];
  let why = 'no build folder of these kernels is at hand';
  for (const { input } of [first, ...others]) {
    if (input.tree === null) continue;
    const own = await treeCodec(input.tree);
    if (own === codec) return { tree: input.tree, why: null };
    why = `the payload is ${codec}, the decompressor at hand is for ${own ?? 'something else'}`;
  }
  return { tree: null, why };
}
