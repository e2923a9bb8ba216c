import { app, Menu, type MenuItemConstructorOptions } from 'electron/main';
import type { RecentItem } from '../../engine/contract/app/shell.js';

/**
 * The menu bar. Its items are commands of the window's registry, by id, but for what
 * Electron does itself (roles). Recent items are the commands `recent.ID`.
 */
export function buildMenu(command: (id: string) => void, recent: readonly RecentItem[]): Menu {
  const item = (label: string, id: string, accelerator?: string): MenuItemConstructorOptions => ({
    id,
    label,
    click: () => command(id),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  // For those who work on the app: a packaged one has no use for them.
  const forDevelopers: MenuItemConstructorOptions[] = app.isPackaged
    ? []
    : [separator, { role: 'reload' }, { role: 'toggleDevTools' }];
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Electron's types
  return Menu.buildFromTemplate([
    {
      label: '&File',
      submenu: [
        item('&Import kernel images...', 'images.import', 'CmdOrCtrl+O'),
        {
          label: 'Open &recent',
          enabled: recent.length > 0,
          submenu: recentItems(recent, item),
        },
        item('&Build kernels...', 'images.build', 'CmdOrCtrl+B'),
        item('&New experiment...', 'experiments.new', 'CmdOrCtrl+N'),
        separator,
        item('&Settings', 'settings', 'CmdOrCtrl+,'),
        separator,
        { role: 'quit', accelerator: 'CmdOrCtrl+Q' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        item('Command &palette', 'palette', 'CmdOrCtrl+K'),
        separator,
        item('I&mages', 'open.images', 'CmdOrCtrl+1'),
        item('M&erge', 'open.merge', 'CmdOrCtrl+2'),
        item('&Patch', 'open.patch', 'CmdOrCtrl+3'),
        item('&Console', 'open.console', 'CmdOrCtrl+4'),
        item('E&xperiments', 'open.experiments', 'CmdOrCtrl+5'),
        item('C&ompare', 'open.compare', 'CmdOrCtrl+6'),
        item('Se&ttings', 'open.settings', 'CmdOrCtrl+7'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        ...forDevelopers,
      ],
    },
    {
      label: '&Guest',
      submenu: [
        item('&Boot an image...', 'console.boot'),
        separator,
        item('&Pause', 'console.pause'),
        item('&Resume', 'console.resume'),
        item('Re&set', 'console.reset'),
        item('S&top', 'console.stop'),
        separator,
        item('Side by side, or in one &row of tabs', 'console.split'),
      ],
    },
    { label: 'E&ngine', submenu: [item('&Restart the engine host', 'host.restart')] },
    {
      label: '&Help',
      submenu: [
        item('&Keyboard shortcuts', 'help.keys', 'F1'),
        item('&About Kernel Boot Lab', 'help.about'),
      ],
    },
  ]);
}

/** As the palette has them: without recent items there is nothing to clear either. */
function recentItems(
  recent: readonly RecentItem[],
  item: (label: string, id: string) => MenuItemConstructorOptions,
): MenuItemConstructorOptions[] {
  if (recent.length === 0) return [];
  return [
    ...recent.map(({ id, name, image }) =>
      // An & would be a key of the menu.
      item(`${name.replaceAll('&', '&&')}${image === null ? ' (file)' : ''}`, `recent.${id}`),
    ),
    { type: 'separator' },
    item('&Clear', 'recent.clear'),
  ];
}
