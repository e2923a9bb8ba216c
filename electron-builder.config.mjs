/**
 * An AppImage of what `npm run package` made: `npm run make:appimage` (scripts/package/appimage.mjs).
 * Everything else is Forge's.
 * @type {import('electron-builder').Configuration}
 */
export default {
  appId: 'org.kernel-boot-lab.app',
  productName: 'Kernel Boot Lab',
  directories: { output: 'out/make/appimage' },
  linux: {
    target: ['AppImage'],
    category: 'Development',
    icon: 'electron/icon/512.png',
    executableName: 'kernel-boot-lab',
  },
};
