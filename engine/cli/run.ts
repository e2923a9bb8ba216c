import { CommanderError } from 'commander';
import type { z } from 'zod';
import { cliErrors } from '../errors/cli.js';
import { commonErrors, LabError } from '../errors/index.js';
import { workspaceTrouble } from '../workspace/folders.js';
import { workspaceHome } from '../workspace/workspace.js';
import { coloursFor } from './colours.js';
import { createContext, type OwnedContext, type Terminal } from './context.js';
import { bugExitCode, bugText, exitCodeOf, failureDocument, failureText } from './failure.js';
import { abortOnSignals } from './interrupt.js';
import { createProgram, type Request } from './program.js';
import type { Verb } from './verb.js';
import { verbs as allVerbs } from './verbs/index.js';

/**
 * Runs one command line of `kbl`.
 * @param words what follows `kbl`
 * @returns the exit code (docs/cli.md); never rejects
 */
export async function runCli(
  words: readonly string[],
  terminal: Terminal,
  verbs: readonly Verb[] = allVerbs,
): Promise<number> {
  // Known before parsing, since what cannot be parsed is reported too.
  let json = words.includes('--json');
  let home = workspaceHome();
  try {
    const request = parse(words, terminal, verbs);
    if (request === undefined) return 0;
    json = request.common.json;
    home = workspaceHome(request.common.workspace);
    return await perform(request, terminal);
  } catch (thrown) {
    const error = await knownTrouble(thrown, home);
    const colours = coloursFor(terminal.stderr);
    if (!(error instanceof LabError)) {
      terminal.stderr.write(`${bugText(error, home, colours)}\n`);
      return bugExitCode;
    }
    if (json) printJson(terminal, failureDocument(error));
    terminal.stderr.write(`${failureText(error, colours)}\n`);
    return exitCodeOf(error);
  }
}

/** A disk may fill up at any write of any room: that is never a bug. */
async function knownTrouble(error: unknown, home: string): Promise<unknown> {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return isFull ? await workspaceTrouble(error, path ?? home) : error;
}

/** What is asked for; undefined when it was help or the version, which is printed. @throws cli-usage */
function parse(
  words: readonly string[],
  terminal: Terminal,
  verbs: readonly Verb[],
): Request | undefined {
  let request: Request | undefined;
  const program = createProgram(verbs, (parsed) => (request = parsed), {
    write: (text) => void terminal.stdout.write(text),
    width: terminal.stdout.columns,
  });
  if (words.length === 0) {
    program.outputHelp();
    return undefined;
  }
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    const trouble = error.message.replace(/^error: /, '').replace('\n', ' ');
    const verb = verbs.find(({ name }) => words.includes(name))?.name;
    throw cliErrors.usage({ trouble, verb }, error);
  }
  return request;
}

async function perform({ verb, raw, common }: Request, terminal: Terminal): Promise<number> {
  const parsed = verb.input.safeParse(raw);
  if (!parsed.success) {
    throw cliErrors.usage({ trouble: inputTrouble(parsed.error, verb, raw), verb: verb.name });
  }
  const interrupts = abortOnSignals(() =>
    terminal.stderr.write('\nstopping; once more to exit at once\n'),
  );
  const context = createContext(common, terminal, interrupts.signal);
  try {
    const result = await verb.run(context, parsed.data).catch((error: unknown) => {
      const aborted = interrupts.signal.aborted && !(error instanceof LabError);
      throw aborted ? commonErrors.cancelled({ what: `kbl ${verb.name}` }, error) : error;
    });
    print(verb, result, context, parsed.data);
    return verb.exitCode?.(result) ?? 0;
  } finally {
    await context.close();
    interrupts.release();
  }
}

function print(
  verb: Verb,
  result: unknown,
  context: OwnedContext,
  input: Record<string, unknown>,
): void {
  context.view.stop();
  if (context.json) {
    printJson(context.terminal, verb.reply.parse(verb.document(result)));
    return;
  }
  const text = verb.render(result, context, input);
  if (text !== '') context.terminal.stdout.write(`${text}\n`);
}

function printJson(terminal: Terminal, document: unknown): void {
  terminal.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** The first thing wrong with the input: `--jobs "x": expected a number`. */
function inputTrouble(error: z.ZodError, verb: Verb, raw: Record<string, unknown>): string {
  const issue = error.issues[0];
  const key = String(issue?.path[0] ?? '');
  const dashed = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const isArgument = verb.arguments?.some(({ syntax }) => syntax.includes(key)) ?? false;
  const name = isArgument ? `<${key}>` : `--${dashed}`;
  return `${name} ${JSON.stringify(raw[key])}: ${issue?.message ?? 'not valid'}`;
}
