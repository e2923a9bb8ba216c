import { z } from 'zod';
import { completionDocument } from '../../contract.js';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { completionTree } from '../completion/tree.js';
import { zshScript } from '../completion/zsh.js';
import { defineVerb, type Verb } from '../verb.js';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };
const shells = ['bash', 'zsh', 'fish'] as const;

/** @param verbs all verbs but this one, when they are known: the script offers them */
export function completion(verbs: () => readonly Verb[]): Verb {
  return defineVerb({
    name: 'completion',
    summary: 'print a completion script for your shell',
    examples: [
      ['source <(kbl completion bash)', 'in ~/.bashrc'],
      ['kbl completion zsh > ~/.zfunc/_kbl', 'with ~/.zfunc in $fpath'],
      ['kbl completion fish > ~/.config/fish/completions/kbl.fish', 'for fish'],
    ],
    arguments: [{ syntax: '<shell>', description: 'bash, zsh or fish', completion: shells }],
    input: z.object({ shell: z.enum(shells, { error: `expected one of ${shells.join(', ')}` }) }),
    reply: completionDocument,
    async run(_context, { shell }) {
      const script = scripts[shell](await completionTree(verbs()));
      return { schema: 'kbl-completion' as const, version: 1 as const, shell, script };
    },
    document: (reply) => reply,
    render: ({ script }) => script.trimEnd(),
  });
}
