import { join } from 'node:path';
import type { BootCommand } from './types.js';

/** A word as a POSIX shell reads it back unchanged. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command as lines for a shell, complete and pasteable: the folder, the
 * links, and QEMU with one option a line.
 */
export function formatCommand(command: BootCommand): string {
  const lines = [
    `mkdir -p ${shellQuote(command.folder)}`,
    ...Object.entries(command.links).map(
      ([name, target]) => `ln -sfn ${shellQuote(target)} ${shellQuote(join(command.folder, name))}`,
    ),
    `cd ${shellQuote(command.folder)}`,
  ];
  const words = [[...command.guard, command.program].map(shellQuote).join(' ')];
  for (const word of command.argv) {
    if (word.startsWith('-')) words.push(`  ${shellQuote(word)}`);
    else words.push(`${words.pop()!} ${shellQuote(word)}`);
  }
  return [...lines, words.join(' \\\n')].join('\n') + '\n';
}
