import { shellQuote } from '../../boot/index.js';
import type { CompletionTree, Offer, OptionNode, VerbNode } from './tree.js';

/**
 * A bash completion script. It needs no bash-completion package: it walks the
 * words typed so far, finds verb, position and a pending option value, and
 * offers from a table of cases.
 */
export function bashScript({ common, verbs }: CompletionTree): string {
  return `# bash completion of kbl; source it, or put it into bash-completion's folder
_kbl_names() {
  local IFS=$'\\n' name
  while read -r name; do
    [[ $name == "$current"* ]] && COMPREPLY+=("$(printf %q "$name")")
  done < <(kbl "$1" --names 2>/dev/null)
}
_kbl_words() {
  local IFS=$' \\t\\n'
  COMPREPLY+=($(compgen -W "$1" -- "$current"))
}
_kbl_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen "$1" -- "$current"))
}
_kbl() {
  local current=\${COMP_WORDS[COMP_CWORD]} verb= option= position=0 index word
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ -n $option ]]; then option=; continue; fi
    if [[ $word == -* ]]; then
      case "$verb $word" in
${valueCases(common, verbs)}
      esac
    elif [[ -z $verb ]]; then verb=$word
    else position=$((position + 1))
    fi
  done
  if [[ -n $option ]]; then
    case "$verb $option" in
${offerCases(common, verbs)}
    esac
  elif [[ $current == -* ]]; then
    case $verb in
${verbs.map(({ name, options }) => `      ${name}) ${wordsCall([...options, ...common])} ;;`).join('\n')}
      *) ${wordsCall(common)} ;;
    esac
  elif [[ -z $verb ]]; then
    _kbl_words ${shellQuote(verbs.map(({ name }) => name).join(' '))}
  else
    case "$verb $position" in
${argumentCases(verbs)}
    esac
  fi
}
complete -F _kbl kbl
`;
}

const valued = (options: readonly OptionNode[]): OptionNode[] =>
  options.filter(({ value }) => value !== undefined);

/** Patterns of the options that take a value: common ones after any verb. */
function patterns(prefix: string, options: readonly OptionNode[]): string {
  return options.flatMap(({ names }) => names.map((name) => `${prefix} ${name}`.trim())).join('|');
}

function quoted(pattern: string): string {
  return pattern
    .split('|')
    .map((one) => (one.startsWith('* ') ? `*" ${one.slice(2)}"` : shellQuote(one)))
    .join('|');
}

function valueCases(common: readonly OptionNode[], verbs: readonly VerbNode[]): string {
  const all = [
    patterns('*', valued(common)),
    ...verbs.map(({ name, options }) => patterns(name, valued(options))),
  ].filter((pattern) => pattern !== '');
  return all.map((pattern) => `        ${quoted(pattern)}) option=$word ;;`).join('\n');
}

function offerCases(common: readonly OptionNode[], verbs: readonly VerbNode[]): string {
  const of = (prefix: string, options: readonly OptionNode[]): string[] =>
    valued(options).flatMap((option) => {
      const call = offerCall(option.value);
      return call === '' ? [] : [`      ${quoted(patterns(prefix, [option]))}) ${call} ;;`];
    });
  return [...of('*', common), ...verbs.flatMap(({ name, options }) => of(name, options))].join(
    '\n',
  );
}

function argumentCases(verbs: readonly VerbNode[]): string {
  return verbs
    .flatMap(({ name, arguments: offers, variadic }) =>
      offers.map((offer, position) => {
        const any = variadic && position === offers.length - 1;
        const pattern = any ? `"${name} "*` : `"${name} ${position}"`;
        return `      ${pattern}) ${offerCall(offer) || ':'} ;;`;
      }),
    )
    .join('\n');
}

function wordsCall(options: readonly OptionNode[]): string {
  return `_kbl_words ${shellQuote(options.flatMap(({ names }) => names).join(' '))}`;
}

function offerCall(offer: Offer | undefined): string {
  switch (offer?.kind) {
    case 'words':
      return `_kbl_words ${shellQuote(offer.words.join(' '))}`;
    case 'names':
      // An image may also be named by its file.
      return offer.verb === 'images'
        ? '_kbl_names images; _kbl_files -f'
        : '_kbl_names experiments';
    case 'file':
      return '_kbl_files -f';
    case 'folder':
      return '_kbl_files -d';
    default:
      return '';
  }
}
