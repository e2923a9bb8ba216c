import type { WindowAction } from '../../engine/contract/app/shell.js';
import type { Command } from '../shared/registry.js';
import { report, state } from '../shared/state.svelte.js';
import { screens } from '../screens/index.js';
import { openRecent } from '../screens/images/actions.js';

/** What the menu bar does without the window, in the palette as well. */
const windowCommands: readonly (readonly [WindowAction, string, string])[] = [
  ['zoom-in', 'Zoom in', 'Ctrl++'],
  ['zoom-out', 'Zoom out', 'Ctrl+-'],
  ['zoom-reset', 'Actual size', 'Ctrl+0'],
  ['full-screen', 'Full screen, or not', 'F11'],
  ['quit', 'Quit', 'Ctrl+Q'],
];

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
    id: 'settings',
    title: 'Settings',
    keys: 'Ctrl+,',
    run: () => void (state.screen = 'settings'),
  },
  {
    id: 'palette',
    title: 'Command palette',
    keys: 'Ctrl+K',
    run: () => void (state.palette = true),
  },
  ...windowCommands.map(([action, title, keys]) => ({
    id: `window.${action}`,
    title,
    keys,
    run: () => void window.shell.perform(action).catch(report),
  })),
  {
    id: 'help.keys',
    title: 'Keyboard shortcuts',
    keys: 'F1',
    run: () => void (state.help = 'keys'),
  },
  {
    id: 'help.about',
    title: 'About Kernel Boot Lab',
    run: () => void (state.help = 'about'),
  },
];

/** What was opened lately, as commands: the palette and the menu have them behind the others. */
function recentCommands(): Command[] {
  if (state.recent.length === 0) return [];
  return [
    ...state.recent.map((item) => ({
      id: `recent.${item.id}`,
      title: `Open recent: ${item.name}${item.image === null ? ' (file)' : ''}`,
      run: () => void openRecent(item),
    })),
    {
      id: 'recent.clear',
      title: 'Clear recent items',
      run: () => void window.shell.clearRecent().catch(report),
    },
  ];
}

export function allCommands(): readonly Command[] {
  return [...commands, ...recentCommands()];
}

export function runCommand(id: string): void {
  allCommands()
    .find((command) => command.id === id)
    ?.run();
}

/** Keys of the commands. Handled here first: the menu shows them, and serves those of main alone. */
export function onKey(event: KeyboardEvent): void {
  if (event.altKey || event.shiftKey || event.metaKey) return;
  // A function key is a command by itself.
  if (!event.ctrlKey && !/^F\d+$/.test(event.key)) return;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const keys = event.ctrlKey ? `Ctrl+${key}` : key;
  const command = commands.find((one) => one.keys === keys);
  if (!command) return;
  event.preventDefault();
  command.run();
}
