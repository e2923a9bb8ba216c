import { shellQuote } from '../../boot/index.js';
import type { CompletionTree, Offer, OptionNode, VerbNode } from './tree.js';

/** A zsh completion script, for `_arguments` and `_describe`. */
export function zshScript({ common, verbs }: CompletionTree): string {
  return `#compdef kbl
# zsh completion of kbl: put it as _kbl into a folder of $fpath, or source it
_kbl_names() {
  local -a names
  names=(\${(f)"$(kbl $1 --names 2>/dev/null)"})
  compadd -a names
}
_kbl_images() { _kbl_names images; _files }
_kbl_experiments() { _kbl_names experiments }
_kbl() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
${common.map((option) => `    ${optionSpec(option)} \\`).join('\n')}
    '1:verb:->verb' '*::argument:->arguments'
  case $state in
    verb)
      local -a verbs
      verbs=(
${verbs.map(({ name, summary }) => `        ${shellQuote(`${name}:${summary}`)}`).join('\n')}
      )
      _describe verb verbs
      ;;
    arguments)
      case $line[1] in
${verbs.map((verb) => verbCase(verb, common)).join('\n')}
      esac
      ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _kbl "$@"; else compdef _kbl kbl; fi
`;
}

function verbCase({ name, options, arguments: offers, variadic }: VerbNode, common: OptionNode[]) {
  const specs = [
    ...[...options, ...common].map(optionSpec),
    ...offers.map((offer, index) => {
      const place = variadic && index === offers.length - 1 ? '*' : String(index + 1);
      return shellQuote(`${place}:argument:${action(offer)}`);
    }),
  ];
  return `        ${name}) _arguments ${specs.join(' ')} ;;`;
}

function optionSpec({ names, description, value }: OptionNode): string {
  // Brackets and colons end the description in _arguments' own language.
  const text = description.replace(/[[\]:\\]/g, '\\$&');
  const tail = `[${text}]${value === undefined ? '' : `:value:${action(value)}`}`;
  if (names.length === 1) return shellQuote(`${names[0] ?? ''}${tail}`);
  return `${shellQuote(`(${names.join(' ')})`)}{${names.join(',')}}${shellQuote(tail)}`;
}

function action(offer: Offer): string {
  switch (offer.kind) {
    case 'words':
      return `(${offer.words.join(' ')})`;
    case 'names':
      return offer.verb === 'images' ? '_kbl_images' : '_kbl_experiments';
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'nothing':
      return ' ';
  }
}
