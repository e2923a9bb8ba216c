import type { CompletionTree, Offer, OptionNode, VerbNode } from './tree.js';

/** A fish completion script: one `complete` a thing that can be typed. */
export function fishScript({ common, verbs }: CompletionTree): string {
  return `# fish completion of kbl: put it as kbl.fish into ~/.config/fish/completions
complete -c kbl -f
${common.map((option) => optionLine('', option)).join('\n')}
${verbs.map(verbLines).join('\n')}
`;
}

function verbLines({ name, summary, options, arguments: offers }: VerbNode): string {
  const using = `__fish_seen_subcommand_from ${name}`;
  return [
    `complete -c kbl -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ...options.map((option) => optionLine(`-n ${quote(using)} `, option)),
    ...[...new Set(offers.map(values))]
      .filter((offered) => offered !== '')
      .map((offered) => `complete -c kbl -n ${quote(using)} ${offered}`),
  ].join('\n');
}

function optionLine(condition: string, { names, description, value }: OptionNode): string {
  const flags = names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const taken = value === undefined ? '' : ` -r ${values(value)}`.trimEnd();
  return `complete -c kbl ${condition}${flags.join(' ')}${taken} -d ${quote(description)}`;
}

function values(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `-a ${quote(offer.words.join(' '))}`;
    case 'names':
      return offer.verb === 'images'
        ? "-F -a '(kbl images --names 2>/dev/null)'"
        : "-a '(kbl experiments --names 2>/dev/null)'";
    case 'file':
      return '-F';
    case 'folder':
      return "-a '(__fish_complete_directories)'";
    case 'nothing':
      return '';
  }
}

/** fish knows only backslash and quote inside single quotes. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
