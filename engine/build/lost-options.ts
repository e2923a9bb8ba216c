import type { LostOptionText } from '../errors/build.js';
import { optionLine, type LostOption, type OptionName, type OptionValue } from './kconfig.js';
import { readKconfigFacts, type KconfigFacts } from './kconfig-files.js';

/** Says of each lost option what it became and why, as far as the tree's Kconfig files tell. */
export async function explainLostOptions(
  tree: string,
  lost: readonly LostOption[],
  final: ReadonlyMap<OptionName, OptionValue>,
): Promise<LostOptionText[]> {
  const facts = await readKconfigFacts(tree, new Set(lost.map(({ option }) => option)));
  return lost.map((option) => ({
    asked: optionLine(option.option, option.value),
    fragment: option.fragment,
    became: optionLine(option.option, option.became),
    why: reason(option, facts, final),
  }));
}

function reason(
  { option, value }: LostOption,
  { definitions, selectedBy }: KconfigFacts,
  final: ReadonlyMap<OptionName, OptionValue>,
): string {
  const found = definitions.get(option);
  if (found === undefined) return 'this kernel has no such option';

  if (value === 'n') {
    const selectors = [...(selectedBy.get(option) ?? [])].filter((by) => isOn(final.get(by)));
    if (selectors.length > 0) return `selected by ${selectors.join(', ')}`;
  }
  if (found.every(({ prompt }) => !prompt)) return 'it has no prompt: other options decide it';

  const depends = found
    .filter(({ depends: all }) => all.length > 0)
    .map(({ depends: all }) =>
      all
        .map((one) => withValues(one, final))
        .map((one) => (all.length > 1 && one.includes('||') ? `(${one})` : one))
        .join(' && '),
    );
  return depends.length === 0
    ? 'no dependency says why: another option of the same choice may have won'
    : `depends on ${depends.join(', or ')}`;
}

function isOn(value: OptionValue | undefined): boolean {
  return value === 'y' || value === 'm';
}

/** `XEN && !PCI` as menuconfig shows it: `XEN [=y] && !PCI [=n]`. */
function withValues(expression: string, final: ReadonlyMap<OptionName, OptionValue>): string {
  return expression
    .replace(/\s+/g, ' ')
    .replace(/"[^"]*"|\$\([^)]*\)|[A-Za-z0-9_]+/g, (word) =>
      /^[A-Z0-9_]*[A-Z][A-Z0-9_]*$/.test(word) ? `${word} [=${final.get(word) ?? 'n'}]` : word,
    );
}
