import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OptionName } from './kconfig.js';

/**
 * What a tree's Kconfig files say about some options: enough of the language
 * (Documentation/kbuild/kconfig-language.rst) to tell why an option was
 * refused. It reads definitions, `depends on`, `select` and the blocks around
 * them; it evaluates nothing.
 */

export interface OptionDefinition {
  /** Every `depends on` and enclosing `if` or `menu` condition; all must hold. */
  depends: string[];
  /** Whether a user can set it: an option without a prompt follows others. */
  prompt: boolean;
}

export interface KconfigFacts {
  definitions: Map<OptionName, OptionDefinition[]>;
  /** Who selects an option. */
  selectedBy: Map<OptionName, Set<OptionName>>;
}

/** More files than any tree has; a tree whose files source each other must end. */
const maximumFiles = 10_000;

/** Reads every Kconfig file of a tree that x86 uses, for the facts about `wanted`. */
export async function readKconfigFacts(
  tree: string,
  wanted: ReadonlySet<OptionName>,
): Promise<KconfigFacts> {
  const facts: KconfigFacts = { definitions: new Map(), selectedBy: new Map() };
  const seen = new Set<string>();

  async function readOne(path: string, conditions: readonly string[]): Promise<void> {
    if (seen.has(path) || seen.size >= maximumFiles) return;
    seen.add(path);
    // A file may be absent where a variable this reader does not know is in its name.
    const text = await readFile(join(tree, path), 'utf8').catch(() => '');
    for (const source of readKconfigText(text, conditions, wanted, facts))
      await readOne(source.path, source.conditions);
  }

  await readOne('Kconfig', []);
  return facts;
}

interface Sourced {
  path: string;
  conditions: string[];
}

/** Adds one file's facts and returns the files it sources, with the conditions around them. */
function readKconfigText(
  text: string,
  outer: readonly string[],
  wanted: ReadonlySet<OptionName>,
  facts: KconfigFacts,
): Sourced[] {
  const sourced: Sourced[] = [];
  /** Conditions of the open `if`, `menu` and `choice` blocks. */
  const blocks: string[][] = [];
  let option: OptionName | undefined;
  let definition: OptionDefinition | undefined;
  const conditions = (): string[] => [...outer, ...blocks.flat()];

  for (const line of statements(text)) {
    const [, keyword = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    switch (keyword) {
      case 'config':
      case 'menuconfig':
        option = rest;
        definition = { depends: conditions(), prompt: false };
        if (wanted.has(option)) push(facts.definitions, option, definition);
        break;
      case 'if':
        blocks.push([rest]);
        option = definition = undefined;
        break;
      case 'menu':
      case 'choice':
        blocks.push([]);
        option = definition = undefined;
        break;
      case 'endif':
      case 'endmenu':
      case 'endchoice':
        blocks.pop();
        option = definition = undefined;
        break;
      case 'comment':
        // Its own `depends on` concerns nobody.
        option = undefined;
        definition = { depends: [], prompt: false };
        break;
      case 'source':
        sourced.push({
          path: rest.replace(/^"|"$/g, '').replace(/\$\(SRCARCH\)|\$SRCARCH/g, 'x86'),
          conditions: conditions(),
        });
        break;
      case 'depends':
        (definition?.depends ?? blocks.at(-1))?.push(rest.replace(/^on\s+/, ''));
        break;
      case 'select': {
        const [selected = ''] = rest.split(/\s+/, 1);
        if (option !== undefined && wanted.has(selected)) {
          const by = facts.selectedBy.get(selected) ?? new Set();
          facts.selectedBy.set(selected, by.add(option));
        }
        break;
      }
      case 'prompt':
      case 'bool':
      case 'tristate':
      case 'int':
      case 'hex':
      case 'string':
        if (definition !== undefined && rest.startsWith('"')) definition.prompt = true;
        break;
    }
  }
  return sourced;
}

/** Statements of a Kconfig file: no comments, no help texts, continued lines joined. */
function* statements(text: string): Generator<string> {
  let helpIndent: number | 'unknown' | undefined;
  let joined = '';
  for (const line of text.split('\n')) {
    if (helpIndent !== undefined) {
      if (line.trim() === '') continue;
      const indent = indentation(line);
      if (helpIndent === 'unknown' && indent > 0) helpIndent = indent;
      if (helpIndent !== 'unknown' && indent >= helpIndent) continue;
      helpIndent = undefined;
    }
    const statement = joined + line.trim();
    if (statement.endsWith('\\')) {
      joined = `${statement.slice(0, -1)} `;
      continue;
    }
    joined = '';
    if (statement === 'help' || statement === '---help---') helpIndent = 'unknown';
    else if (statement !== '' && !statement.startsWith('#')) yield statement;
  }
}

function indentation(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === '\t') columns = (columns & ~7) + 8;
    else if (character === ' ') columns += 1;
    else break;
  }
  return columns;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
