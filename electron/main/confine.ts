import { app, session, type WebContents } from 'electron/main';
import { origin } from './protocol.js';

/** Everything that a page could try to leave its window or to gain a right: refused. */
export function confine(): void {
  app.on('web-contents-created', (_event, contents) => confineContents(contents));
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) =>
    answer(false),
  );
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.on('will-download', (event) => event.preventDefault());
}

function confineContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  const stay = (event: { preventDefault(): void; url: string }): void => {
    if (!isOurs(event.url)) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
}

/** Whether a frame's address is one of the app's own. */
export function isOurs(url: string): boolean {
  return url.startsWith(`${origin}/`);
}
