import type { Command } from '../shared/registry.js';
import { report, state } from '../shared/state.svelte.js';
import { screens } from '../screens/index.js';

/** Every command: the shell's own, and those that screens bring. */
export const commands: readonly Command[] = [
  ...screens.map(({ id, title }, i) => ({
    id: `open.${id}`,
    title: `Go to ${title}`,
    keys: `Ctrl+${i + 1}`,
    run: () => void (state.screen = id),
  })),
  ...screens.flatMap(({ commands: own }) => own ?? []),
  {
    id: 'host.restart',
    title: 'Restart the engine host',
    run: () => void window.shell.restartHost().catch(report),
  },
  {
    id: 'palette',
    title: 'Command palette',
    keys: 'Ctrl+K',
    run: () => void (state.palette = true),
  },
];

export function runCommand(id: string): void {
  commands.find((command) => command.id === id)?.run();
}

/** Keys of the commands. Handled here first: the menu shows them, and serves those of main alone. */
export function onKey(event: KeyboardEvent): void {
  if (!event.ctrlKey || event.altKey || event.shiftKey || event.metaKey) return;
  const keys = `Ctrl+${event.key.length === 1 ? event.key.toUpperCase() : event.key}`;
  const command = commands.find((one) => one.keys === keys);
  if (!command) return;
  event.preventDefault();
  command.run();
}
