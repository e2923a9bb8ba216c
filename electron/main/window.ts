import { fileURLToPath } from 'node:url';
import { BrowserWindow, nativeTheme, screen } from 'electron/main';
import { askBeforeClosing } from './closing.js';
import type { Kept } from './kept.js';
import { placeOf } from './place.js';
import { origin } from './protocol.js';

/** macOS and Windows have it from the package; on Linux the window brings it. */
const icon = fileURLToPath(new URL('../icon/256.png', import.meta.url));
const preload = fileURLToPath(new URL('../preload.cjs', import.meta.url));

/** Opens the window where it was, if a screen is there still. */
export function openWindow(
  at: Kept['window'],
  onState: (state: Kept['window']) => void,
): BrowserWindow {
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const place = placeOf(at, areas);
  const window = new BrowserWindow({
    ...place,
    minWidth: 800,
    minHeight: 500,
    show: false,
    title: 'Kernel Boot Lab',
    icon,
    // No white flash before the first paint.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181d' : '#ffffff',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  });
  if (at?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  askBeforeClosing(window);
  window.on('close', () =>
    onState({ ...window.getNormalBounds(), maximized: window.isMaximized() }),
  );
  void window.loadURL(`${origin}/index.html`);
  return window;
}
