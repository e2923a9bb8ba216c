import type { Command, Option } from 'commander';
import { environmentNames } from '../../boot/index.js';
import { shippedFlavours } from '../../build/flavours.js';
import { workloads } from '../../measure/workloads.js';
import { createProgram } from '../program.js';
import type { Completion, Verb, VerbArgument } from '../verb.js';

/** What a shell is to offer for a word. */
export type Offer =
  | { kind: 'words'; words: readonly string[] }
  /** Names that `kbl images --names` or `kbl experiments --names` prints; for images, files too. */
  | { kind: 'names'; verb: 'images' | 'experiments' }
  | { kind: 'file' }
  | { kind: 'folder' }
  | { kind: 'nothing' };

export interface OptionNode {
  /** `--jobs`, `-j`. */
  names: string[];
  description: string;
  /** Undefined for an option without a value. */
  value: Offer | undefined;
}

export interface VerbNode {
  name: string;
  summary: string;
  options: OptionNode[];
  /** Offers for the arguments, by position. */
  arguments: Offer[];
  /** The last argument may be repeated. */
  variadic: boolean;
}

/** The command line as completion scripts see it. */
export interface CompletionTree {
  common: OptionNode[];
  verbs: VerbNode[];
}

/** Reads the tree from the verbs and from commander, so that scripts offer what `kbl` takes. */
export async function completionTree(verbs: readonly Verb[]): Promise<CompletionTree> {
  const flavours = (await shippedFlavours()).map(({ name }) => name);
  const offer = (completion: Completion | undefined): Offer => offerOf(completion, flavours);
  const program = createProgram(verbs, () => undefined);
  const nodes = program.commands.map((command): VerbNode => {
    const verb = verbs.find(({ name }) => name === command.name());
    const ends = verb?.arguments?.at(-1);
    return {
      name: command.name(),
      summary: command.summary(),
      options: command.options.map((option) => node(option, offer(completionOf(verb, option)))),
      arguments: (verb?.arguments ?? []).map((argument) => offer(argument.completion)),
      variadic: isVariadic(ends),
    };
  });
  return { common: commonNodes(program), verbs: nodes };
}

function commonNodes(program: Command): OptionNode[] {
  const folder = (option: Option): Offer =>
    option.long === '--workspace' ? { kind: 'folder' } : { kind: 'nothing' };
  return [
    ...program.options.map((option) => node(option, folder(option))),
    { names: ['--help'], description: 'show help', value: undefined },
  ];
}

function node(option: Option, offer: Offer): OptionNode {
  return {
    names: [option.long, option.short].filter((name) => name !== undefined),
    description: option.description,
    value: option.required || option.optional ? offer : undefined,
  };
}

function completionOf(verb: Verb | undefined, option: Option): Completion | undefined {
  return verb?.options?.find(({ flags }) => flags === option.flags)?.completion;
}

function isVariadic(argument: VerbArgument | undefined): boolean {
  return argument?.syntax.includes('...') ?? false;
}

function offerOf(completion: Completion | undefined, flavours: readonly string[]): Offer {
  switch (completion) {
    case undefined:
      return { kind: 'nothing' };
    case 'image':
      return { kind: 'names', verb: 'images' };
    case 'experiment':
      return { kind: 'names', verb: 'experiments' };
    case 'file':
    case 'folder':
      return { kind: completion };
    case 'flavour':
      return { kind: 'words', words: flavours };
    case 'environment':
      return { kind: 'words', words: environmentNames };
    case 'workload':
      return { kind: 'words', words: workloads.map(({ name }) => name) };
    default:
      return { kind: 'words', words: completion };
  }
}
