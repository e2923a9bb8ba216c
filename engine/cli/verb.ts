import type { z } from 'zod';
import type { Context } from './context.js';

/** What completion offers for a word: a fixed list, or things it has to ask for. */
export type Completion =
  | readonly string[]
  | 'image'
  | 'experiment'
  | 'flavour'
  | 'environment'
  | 'workload'
  | 'file'
  | 'folder';

export interface VerbArgument {
  /** Commander's syntax: `<image>`, `[image]`, `<image...>`. Its name is its key in the input. */
  syntax: string;
  description: string;
  completion?: Completion | undefined;
}

export interface VerbOption {
  /** Commander's syntax: `-j, --jobs <n>`. Its long name, in camel case, is its key in the input. */
  flags: string;
  description: string;
  completion?: Completion | undefined;
}

/**
 * One verb of `kbl`: what it takes, what it does, what it answers. The frame
 * parses, validates, prints the answer as text or as JSON, reports errors and
 * closes the workspace.
 */
export interface Verb<Input = Record<string, unknown>, Reply = unknown, Result = unknown> {
  name: string;
  summary: string;
  /** At least one: a command line, and what it is for. */
  examples: readonly (readonly [command: string, purpose: string])[];
  arguments?: readonly VerbArgument[] | undefined;
  options?: readonly VerbOption[] | undefined;
  /** Validates arguments and options together; words become numbers here. */
  input: z.ZodType<Input>;
  /** The document that `--json` prints. */
  reply: z.ZodType<Reply>;
  run(context: Context, input: Input): Promise<Result>;
  /** What `run` returned as the document. */
  document(result: Result): Reply;
  /** The same for a person, without a final newline; empty when everything was said before. */
  render(result: Result, context: Context, input: Input): string;
  /** Exit code of an answer that is no error; 0 when absent. */
  exitCode?: ((result: Result) => number) | undefined;
}

/** Checks a verb's parts against each other, and forgets their types: the frame pairs them up. */
export function defineVerb<Input, Reply, Result>(verb: Verb<Input, Reply, Result>): Verb {
  return verb as unknown as Verb;
}
