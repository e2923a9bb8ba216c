import { basename } from 'node:path';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  nativeTheme,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  type OpenDialogOptions,
} from 'electron/main';
import { z } from 'zod';
import { shellChannels } from '../../engine/contract/app/channels.js';
import {
  bootFile,
  fileChoice,
  settingsChange,
  windowAction,
  type BootFile,
  type FileChoice,
  type Settings,
} from '../../engine/contract/app/shell.js';
import { guestsRun } from './closing.js';
import { isOurs } from './confine.js';
import type { EngineHost } from './engine-host.js';
import { notify } from './notify.js';
import { perform } from './perform.js';
import { printPdf } from './print.js';
import { saveKept, type Kept } from './kept.js';
import type { RecentItems } from './recent.js';
import { saveAs } from './save.js';
import type { Trouble } from './trouble.js';

const dialogs: Readonly<Record<FileChoice, OpenDialogOptions>> = {
  kernels: { title: 'Import kernel images', properties: ['openFile', 'multiSelections'] },
  folder: { title: 'Choose a kernel source tree', properties: ['openDirectory'] },
  fragments: {
    title: 'Choose kconfig fragments',
    properties: ['openFile', 'multiSelections'],
    filters: [
      { name: 'kconfig fragments', extensions: ['config'] },
      { name: 'All files', extensions: ['*'] },
    ],
  },
  vmlinux: { title: 'Choose the vmlinux that the image was made of', properties: ['openFile'] },
};

/** Characters. The longest text of a window is a terminal's ten thousand lines. */
const savedTextLimit = 64 * 1024 * 1024;

const bootFileTitles: Readonly<Record<BootFile, string>> = {
  qemu: 'Choose a qemu-system-x86_64',
  xen: 'Choose a Xen hypervisor (xen-VERSION.gz)',
  ovmf: 'Choose UEFI firmware (OVMF.fd)',
};

/** Only the main frame of a window of ours may speak. */
export function isTrusted({ senderFrame }: IpcMainEvent | IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url);
}

/** Answers what the preload asks (engine/contract/app/shell.ts). */
export function answerShell(
  host: EngineHost,
  kept: Kept,
  recent: RecentItems,
  trouble: Trouble,
): void {
  const handle = <P extends z.ZodType>(
    channel: string,
    params: P,
    work: (params: z.infer<P>, event: IpcMainInvokeEvent) => unknown,
  ): void => {
    ipcMain.handle(channel, (event, ...words: unknown[]) => {
      if (!isTrusted(event)) throw new Error(`${channel} is not for this sender`);
      return work(params.parse(words), event);
    });
  };
  const change = (part: Partial<Settings>): Settings => {
    kept.settings = { ...kept.settings, ...part };
    nativeTheme.themeSource = kept.settings.theme;
    saveKept(kept);
    return kept.settings;
  };
  const open = async (event: IpcMainInvokeEvent, options: OpenDialogOptions): Promise<string[]> => {
    const window = BrowserWindow.fromWebContents(event.sender);
    const { filePaths } = window
      ? await dialog.showOpenDialog(window, options)
      : await dialog.showOpenDialog(options);
    return filePaths;
  };
  const nothing = z.tuple([]);

  handle(shellChannels.settings, nothing, () => kept.settings);
  handle(shellChannels.changeSettings, z.tuple([settingsChange]), ([part]) =>
    change(Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined))),
  );
  handle(
    shellChannels.changeWorkspace,
    z.tuple([z.enum(['choose', 'default'])]),
    async ([to], event) => {
      const options: OpenDialogOptions = {
        title: 'Choose a workspace folder',
        properties: ['openDirectory', 'createDirectory'],
      };
      const folder = to === 'default' ? null : (await open(event, options))[0];
      if (folder === undefined) return kept.settings;
      change({ workspace: folder });
      await host.restart(folder);
      return kept.settings;
    },
  );
  handle(shellChannels.chooseFiles, z.tuple([fileChoice]), async ([choice], event) => {
    const paths = await open(event, dialogs[choice]);
    if (choice === 'kernels') for (const file of paths) recent.add({ file });
    return Promise.all(paths.map((path) => host.grant(path, 'read')));
  });
  handle(shellChannels.chooseBootFile, z.tuple([bootFile]), async ([file], event) => {
    const options: OpenDialogOptions = { title: bootFileTitles[file], properties: ['openFile'] };
    const [path] = await open(event, options);
    return path === undefined ? null : host.grant(path, 'boot');
  });
  handle(shellChannels.useBootFile, z.tuple([bootFile, z.uuid().nullable()]), ([file, token]) => {
    const path = token === null ? null : host.granted(token, 'boot');
    if (path === undefined) throw new Error('this file was not chosen for that');
    const changed = change({ bootFiles: { ...kept.settings.bootFiles, [file]: path } });
    host.bootWith(changed.bootFiles);
    return changed;
  });
  handle(
    shellChannels.chooseSaveFile,
    z.tuple([z.string().max(200)]),
    async ([suggested], event) => {
      const window = BrowserWindow.fromWebContents(event.sender);
      // The user's folder and this name: no path of the window's choosing.
      const options = { defaultPath: basename(suggested) };
      const { filePath } = window
        ? await dialog.showSaveDialog(window, options)
        : await dialog.showSaveDialog(options);
      return filePath ? host.grant(filePath, 'write') : null;
    },
  );
  handle(
    shellChannels.saveText,
    z.tuple([z.string().max(200), z.string().max(savedTextLimit)]),
    ([suggested, text], event) => saveAs(event.sender, { suggested }, () => text),
  );
  handle(shellChannels.guestsRun, z.tuple([z.int().min(0)]), ([count], event) =>
    guestsRun(event.sender, count),
  );
  handle(shellChannels.grantDropped, z.tuple([z.array(z.string()).max(100)]), ([paths]) => {
    for (const file of paths) recent.add({ file });
    return Promise.all(paths.map((path) => host.grant(path, 'read')));
  });
  handle(shellChannels.recentItems, nothing, () => recent.items);
  handle(
    shellChannels.openedImage,
    z.tuple([z.string().regex(/^[0-9a-f]{64}$/), z.string().max(200)]),
    ([image, name]) => recent.add({ image, name }),
  );
  handle(shellChannels.openRecent, z.tuple([z.string().max(64)]), ([id]) => {
    const file = recent.fileOf(id);
    if (file === undefined) return null;
    recent.add({ file });
    return host.grant(file, 'read');
  });
  handle(shellChannels.clearRecent, nothing, () => recent.clear());
  handle(shellChannels.printPdf, z.tuple([z.string().max(200)]), ([suggested], event) =>
    printPdf(event.sender, suggested),
  );
  handle(
    shellChannels.notify,
    z.tuple([z.string().max(200), z.string().max(1000)]),
    ([title, body], event) => {
      const window = BrowserWindow.fromWebContents(event.sender);
      if (window && kept.settings.notifications) notify(window, title, body);
    },
  );
  handle(shellChannels.copyText, z.tuple([z.string()]), ([text]) => clipboard.writeText(text));
  handle(shellChannels.perform, z.tuple([windowAction]), ([action], event) =>
    perform(action, event.sender),
  );
  handle(shellChannels.about, nothing, () => ({
    version: app.getVersion(),
    electron: process.versions.electron,
    chromium: process.versions.chrome,
    node: process.versions.node,
    log: trouble.log,
  }));
  handle(shellChannels.takeMessage, nothing, () => trouble.takeMessage());
  handle(shellChannels.restartHost, nothing, () => host.restart(kept.settings.workspace));
  handle(shellChannels.hostHealth, nothing, () => host.health);
  ipcMain.on(shellChannels.ready, (event) => {
    if (isTrusted(event)) host.attach(event.sender);
  });
}
