import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, Menu, nativeTheme } from 'electron/main';
import { shellEvents } from '../../engine/contract/app/channels.js';
import { confine } from './confine.js';
import { EngineHost } from './engine-host.js';
import { loadKept, saveKept } from './kept.js';
import { buildMenu } from './menu.js';
import { RecentItems } from './recent.js';
import { registerScheme, serveWindow } from './protocol.js';
import { answerShell } from './shell.js';
import { Trouble } from './trouble.js';
import { openWindow } from './window.js';

/** The main process: windows, menus, dialogs, the life of the engine host. No engine in here. */

const windowFolder = join(fileURLToPath(new URL('../../..', import.meta.url)), 'dist-renderer');

registerScheme();
// Every renderer, also one that forgets to ask for it.
if (process.getuid?.() !== 0) app.enableSandbox();
// A folder of its own for tests, so that they do not share settings with the user.
if (process.env['KBL_APP_DATA']) app.setPath('userData', process.env['KBL_APP_DATA']);

const trouble = new Trouble(join(app.getPath('userData'), 'app.log'));

if (!app.requestSingleInstanceLock()) app.quit();
else void app.whenReady().then(begin);

function begin(): void {
  const kept = loadKept();
  nativeTheme.themeSource = kept.settings.theme;
  confine();
  serveWindow(windowFolder);
  const tell = (channel: string, data: unknown): void => {
    for (const { webContents } of BrowserWindow.getAllWindows()) {
      if (!webContents.isDestroyed() && !webContents.isCrashed()) webContents.send(channel, data);
    }
  };
  const host = new EngineHost((health) => tell(shellEvents.hostHealth, health));
  const showMenu = (): void =>
    Menu.setApplicationMenu(buildMenu((id) => tell(shellEvents.command, id), recent.items));
  const recent = new RecentItems(kept.recent, (items) => {
    kept.recent = items;
    saveKept(kept);
    showMenu();
    tell(shellEvents.recentItems, recent.items);
  });
  showMenu();
  answerShell(host, kept, recent, trouble);
  host.bootWith(kept.settings.bootFiles);
  host.start(kept.settings.workspace);
  openWindow(kept.window, (state) => {
    kept.window = state;
    saveKept(kept);
  });
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  let stopped = false;
  // Not before the windows are closed: one may ask, and stay.
  app.on('will-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void host.stop().finally(() => {
      stopped = true;
      app.quit();
    });
  });
}
