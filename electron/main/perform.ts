import { app, BrowserWindow, type WebContents } from 'electron/main';
import type { WindowAction } from '../../engine/contract/app/shell.js';

/** As the View menu's own steps. */
const zoomStep = 0.5;

const actions: Readonly<Record<WindowAction, (contents: WebContents) => void>> = {
  'zoom-in': (contents) => (contents.zoomLevel += zoomStep),
  'zoom-out': (contents) => (contents.zoomLevel -= zoomStep),
  'zoom-reset': (contents) => (contents.zoomLevel = 0),
  'full-screen': (contents) => {
    const window = BrowserWindow.fromWebContents(contents);
    window?.setFullScreen(!window.isFullScreen());
  },
  quit: () => app.quit(),
};

export function perform(action: WindowAction, contents: WebContents): void {
  actions[action](contents);
}
