import { dialog, type BrowserWindow, type WebContents } from 'electron/main';

/** Guests that each window's consoles have running, as it tells. */
const running = new WeakMap<WebContents, number>();

export function guestsRun(contents: WebContents, count: number): void {
  running.set(contents, count);
}

/** Guests end with their window: asks before it closes. */
export function askBeforeClosing(window: BrowserWindow): void {
  window.on('close', (event) => {
    const count = running.get(window.webContents) ?? 0;
    if (count === 0 || window.webContents.isCrashed()) return;
    const choice = dialog.showMessageBoxSync(window, {
      type: 'question',
      message: count === 1 ? 'A guest is running' : `${count} guests are running`,
      detail: 'They end when the window closes, and their logs with them.',
      buttons: ['Close', 'Cancel'],
      defaultId: 1,
      cancelId: 1,
    });
    if (choice !== 0) event.preventDefault();
  });
}
