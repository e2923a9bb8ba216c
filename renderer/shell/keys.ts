import type { Command } from '../shared/registry.js';

export interface KeyRow {
  readonly keys: string;
  readonly does: string;
}

/** Keys that are no commands: they belong to the part of the window that has the focus. */
const local: readonly KeyRow[] = [
  { keys: 'arrows, Page Up/Down, Home, End', does: 'in a table: the selection' },
  { keys: 'Enter', does: 'in a table: opens the selected row' },
  { keys: 'arrows left and right', does: 'in a row of tabs: the tab' },
  { keys: 'arrows, Enter', does: 'in the map: the cell, its function' },
  { keys: 'n, p', does: 'in a listing side by side: next, previous change' },
  {
    keys: 'Ctrl+Shift+F, Ctrl+Shift+C, +V',
    does: 'in a console: find, copy what is selected, paste',
  },
  { keys: 'Delete', does: "on a guest's tab: ends the guest and closes" },
  { keys: 'up and down', does: "on the upper edge of Xen's strip: its height" },
  { keys: 'Enter, Shift+Enter, Escape', does: 'while finding: next, previous, back to the guest' },
];

/** Every key of the window: the commands' by the registry, then those of its parts. */
export function keyRows(commands: readonly Command[]): KeyRow[] {
  const global = commands.flatMap(({ keys, title }) =>
    keys === undefined ? [] : [{ keys, does: title }],
  );
  return [...global, ...local];
}
