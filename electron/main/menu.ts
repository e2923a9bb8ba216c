import { Menu, type MenuItemConstructorOptions } from 'electron/main';

/** The menu bar. Its items are commands of the window's registry, by id. */
export function buildMenu(command: (id: string) => void): Menu {
  const item = (label: string, id: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => command(id),
    ...(accelerator === undefined ? {} : { accelerator }),
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Electron's types
  return Menu.buildFromTemplate([
    {
      label: '&File',
      submenu: [
        item('&Import kernel image...', 'images.import', 'CmdOrCtrl+O'),
        item('&Build kernels...', 'images.build', 'CmdOrCtrl+B'),
        item('&New experiment...', 'experiments.new', 'CmdOrCtrl+N'),
        { type: 'separator' },
        item('&Settings', 'open.settings', 'CmdOrCtrl+,'),
        { type: 'separator' },
        { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        item('Command &palette', 'palette', 'CmdOrCtrl+K'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    { label: '&Engine', submenu: [item('&Restart the engine host', 'host.restart')] },
  ]);
}
