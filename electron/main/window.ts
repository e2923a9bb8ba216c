import { fileURLToPath } from 'node:url';
import { BrowserWindow, nativeTheme, screen } from 'electron/main';
import { askBeforeClosing } from './closing.js';
import type { Kept } from './kept.js';
import { origin } from './protocol.js';

/** macOS and Windows have it from the package; on Linux the window brings it. */
const icon = fileURLToPath(new URL('../icon/256.png', import.meta.url));
const preload = fileURLToPath(new URL('../preload.cjs', import.meta.url));

/** Opens the window where it was, unless that screen is gone. */
export function openWindow(
  at: Kept['window'],
  onState: (state: Kept['window']) => void,
): BrowserWindow {
  const place = at !== null && isOnScreen(at) ? boundsOf(at) : { width: 1280, height: 800 };
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

function isOnScreen({ x, y }: NonNullable<Kept['window']>): boolean {
  return screen.getAllDisplays().some(({ workArea: area }) => {
    const isRight = x >= area.x - 50 && x < area.x + area.width - 50;
    return isRight && y >= area.y - 50 && y < area.y + area.height - 50;
  });
}

function boundsOf({ x, y, width, height }: NonNullable<Kept['window']>): Electron.Rectangle {
  return { x, y, width, height };
}
