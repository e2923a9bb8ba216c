import { buildErrors } from '../errors/index.js';

/**
 * Kernel configurations and fragments of them, in the syntax of `.config`
 * (Documentation/kbuild/kconfig.rst): `CONFIG_X=value` and
 * `# CONFIG_X is not set`.
 *
 * The merge is our own and not scripts/kconfig/merge_config.sh, since the
 * options that were asked for must be known one by one afterwards to tell which
 * did not survive, and since that script's options and exit status differ from
 * one kernel version to the next.
 */

/**
 * A value as `.config` writes it: `y`, `m`, a number, or a string in its
 * quotes. `n` stands for "is not set", which kconfig does not tell from absent.
 */
export type OptionValue = string;

/** Option names carry no `CONFIG_` prefix, as in Kconfig files. */
export type OptionName = string;

export interface Fragment {
  /** What messages and records call it: `xen.config`. */
  name: string;
  text: string;
  options: Map<OptionName, OptionValue>;
}

export interface AskedOption {
  value: OptionValue;
  /** Name of the fragment whose word was the last. */
  fragment: string;
}

/** An option that was asked for, and what `make olddefconfig` made of it. */
export interface LostOption extends AskedOption {
  option: OptionName;
  became: OptionValue;
}

const assignment = /^CONFIG_([A-Za-z0-9_]+)=(y|m|n|-?[0-9]+|0[xX][0-9a-fA-F]+|"(?:[^"\\]|\\.)*")$/;
const unset = /^# CONFIG_([A-Za-z0-9_]+) is not set$/;

/**
 * Reads a fragment that a person wrote: every line must be understood.
 * @param name what messages and records call it
 * @throws build-fragment-syntax
 */
export function parseFragment(text: string, name: string): Fragment {
  const options = new Map<OptionName, OptionValue>();
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    const option = parseLine(line);
    if (option !== undefined) options.set(option[0], option[1]);
    // A comment that begins like an option is more likely a slip than a remark.
    else if (line !== '' && (!line.startsWith('#') || line.startsWith('# CONFIG_')))
      throw buildErrors.fragmentSyntax({ file: name, line: index + 1, text: line.slice(0, 200) });
  });
  return { name, text, options };
}

/** Reads a `.config` that kconfig wrote. */
export function parseConfig(text: string): Map<OptionName, OptionValue> {
  const options = new Map<OptionName, OptionValue>();
  for (const line of text.split('\n')) {
    const option = parseLine(line);
    if (option !== undefined) options.set(option[0], option[1]);
  }
  return options;
}

function parseLine(line: string): [OptionName, OptionValue] | undefined {
  const set = assignment.exec(line);
  if (set !== null) return [set[1]!, set[2]!];
  const not = unset.exec(line);
  return not === null ? undefined : [not[1]!, 'n'];
}

/** Merges fragments in order; a later one overrides an earlier one, and a warning says so. */
export function mergeFragments(fragments: readonly Fragment[]): {
  asked: Map<OptionName, AskedOption>;
  warnings: string[];
} {
  const asked = new Map<OptionName, AskedOption>();
  const warnings: string[] = [];
  for (const { name, options } of fragments) {
    for (const [option, value] of options) {
      const earlier = asked.get(option);
      if (earlier !== undefined && earlier.value !== value)
        warnings.push(
          `${name} overrides ${earlier.fragment}: ${optionLine(option, earlier.value)} becomes ${optionLine(option, value)}`,
        );
      asked.set(option, { value, fragment: name });
    }
  }
  return { asked, warnings };
}

/**
 * A base configuration with the asked options in place of its own. They come
 * last, since within a `choice` the last option set to `y` wins.
 */
export function applyOptions(base: string, asked: ReadonlyMap<OptionName, AskedOption>): string {
  const kept = base.split('\n').filter((line) => {
    const option = parseLine(line);
    return line !== '' && (option === undefined || !asked.has(option[0]));
  });
  return `${[...kept, ...optionLines(asked)].join('\n')}\n`;
}

/** The asked options as lines of `.config`. */
export function optionLines(asked: ReadonlyMap<OptionName, AskedOption>): string[] {
  return [...asked].map(([option, { value }]) => optionLine(option, value));
}

export function optionLine(option: OptionName, value: OptionValue): string {
  return value === 'n' ? `# CONFIG_${option} is not set` : `CONFIG_${option}=${value}`;
}

/** The asked options whose value in the final configuration is another. */
export function lostOptions(
  asked: ReadonlyMap<OptionName, AskedOption>,
  final: ReadonlyMap<OptionName, OptionValue>,
): LostOption[] {
  const lost: LostOption[] = [];
  for (const [option, { value, fragment }] of asked) {
    const became = final.get(option) ?? 'n';
    if (became !== value) lost.push({ option, value, fragment, became });
  }
  return lost;
}
