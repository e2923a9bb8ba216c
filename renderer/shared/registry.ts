import type { Component } from 'svelte';

/** A screen: its place in the activity bar is its place in `screens` (renderer/screens/index.ts). */
export interface Screen {
  readonly id: string;
  readonly title: string;
  /** Path data of an icon, 24 x 24, drawn as a line. */
  readonly icon: string;
  readonly component: Component;
  readonly commands?: readonly Command[];
}

/** Something a user can do, from the palette, a menu or a key. */
export interface Command {
  /** `room.verb`; menus of the main process name it. */
  readonly id: string;
  readonly title: string;
  /** `Ctrl+O`: shown in the palette and bound in the window (shell/commands.ts). */
  readonly keys?: string;
  run(): void;
}
