import { Notification } from 'electron/main';

/** Those on the screen: one that is collected forgets what a click does. */
const shown = new Set<Notification>();

/** Shows a desktop notification where a window is not in front; a click brings it there. */
export function notify(window: Electron.BrowserWindow, title: string, body: string): void {
  if (window.isFocused() || !Notification.isSupported()) return;
  const notification = new Notification({ title, body });
  notification.on('click', () => {
    if (window.isDestroyed()) return;
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  });
  notification.on('close', () => shown.delete(notification));
  shown.add(notification);
  notification.show();
}
