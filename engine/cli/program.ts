import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { projectPath } from '../paths.js';
import type { CommonOptions } from './context.js';
import type { Verb } from './verb.js';

/** What the user asked for, parsed but not validated. */
export interface Request {
  verb: Verb;
  /** Arguments and options of the verb, by name. */
  raw: Record<string, unknown>;
  common: CommonOptions;
}

/** Where help text goes, and how wide it may be. */
export interface HelpOutput {
  write: (text: string) => void;
  width: number | undefined;
}

/** Version of the lab, from package.json. */
export function labVersion(): string {
  const text = readFileSync(projectPath('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/**
 * The commander tree. `--help`, `--version` and every error of the command line
 * come out of `parse` as a CommanderError; help text goes to `output`.
 * @param onRequest called with what was parsed
 */
export function createProgram(
  verbs: readonly Verb[],
  onRequest: (request: Request) => void,
  output: HelpOutput = { write: () => undefined, width: undefined },
): Command {
  const program = new Command('kbl')
    .description(
      'Builds, merges and boots Linux kernel images, and counts what paravirtualisation costs.',
    )
    .version(labVersion(), '--version', 'print the version')
    .addOption(new Option('--json', 'print one JSON document on stdout; everything else on stderr'))
    .addOption(new Option('--verbose', "show the work's own output and the log"))
    .addOption(
      new Option('--workspace <folder>', 'use this workspace instead of KBL_HOME or the default'),
    )
    .helpOption('--help', 'show help')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: output.write,
      writeErr: () => undefined,
      getOutHelpWidth: () => output.width ?? 80,
    })
    .exitOverride();
  for (const verb of verbs) addVerb(program, verb, onRequest);
  return program;
}

function addVerb(program: Command, verb: Verb, onRequest: (request: Request) => void): void {
  const command = program.command(verb.name).summary(verb.summary).description(verb.summary);
  for (const { syntax, description } of verb.arguments ?? []) command.argument(syntax, description);
  for (const { flags, description } of verb.options ?? []) command.option(flags, description);
  command.addHelpText('after', exampleText(verb));
  command.action(() => {
    const given = command.registeredArguments.map(
      (argument, index) => [argument.name(), command.processedArgs[index] as unknown] as const,
    );
    const { json, verbose, workspace } = program.opts<Partial<CommonOptions>>();
    onRequest({
      verb,
      raw: { ...Object.fromEntries(given), ...command.opts() },
      common: { json: json ?? false, verbose: verbose ?? false, workspace },
    });
  });
}

function exampleText({ examples }: Verb): string {
  const title = examples.length === 1 ? 'Example' : 'Examples';
  const lines = examples.map(([command, purpose]) => `  $ ${command}\n      ${purpose}`);
  return `\n${title}:\n${lines.join('\n')}`;
}
