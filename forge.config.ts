import { existsSync } from 'node:fs';
import { chmod, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { MakerDeb } from '@electron-forge/maker-deb';
import { MakerZIP } from '@electron-forge/maker-zip';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import { isPackaged } from './scripts/package/contents.mjs';

/** Sources of what is compiled on the user's machine, and the licence that offers all source. */
const beside = ['engine/native', 'images', 'LICENSE'];

const iconFolder = join(import.meta.dirname, 'electron', 'icon');

/** Who packs it, as Debian's own tools are told. */
const maintainer = [
  process.env['DEBFULLNAME'] ?? 'Kernel Boot Lab',
  `<${process.env['DEBEMAIL'] ?? 'root@localhost'}>`,
].join(' ');

/** What the deb's maker passes on and its types do not know. */
const debExtras: object = {
  // xz takes minutes for a few megabytes less.
  compression: 'gzip',
  categories: ['Development', 'Emulator'],
  icon: {
    ...Object.fromEntries(
      [16, 32, 48, 64, 128, 256, 512].map((side) => [
        `${side}x${side}`,
        join(iconFolder, `${side}.png`),
      ]),
    ),
    scalable: join(iconFolder, 'icon.svg'),
  },
};

const zips = process.env['KBL_ELECTRON_ZIPS'];
/** Emulator and hypervisor that come with the app (scripts/package/bundle.mjs), where they are to. */
const bundle = process.env['KBL_BUNDLE_FOLDER'];

/**
 * Packaging of the desktop app: `npm run package`, `npm run make` (zip, deb).
 * KBL_ELECTRON_ZIPS is a folder with Electron's own zip files, for machines that
 * cannot download them; scripts/package.mjs fills one from the Electron at hand.
 */
const config: ForgeConfig = {
  packagerConfig: {
    name: 'Kernel Boot Lab',
    executableName: 'kernel-boot-lab',
    appBundleId: 'org.kernel-boot-lab.app',
    appCategoryType: 'public.app-category.developer-tools',
    // Native modules stay outside of the archive: dlopen cannot read it.
    asar: { unpack: '**/*.node' },
    // Of Windows and macOS, by the ending that each takes; Linux has it from main and from the makers.
    icon: join(iconFolder, 'icon'),
    // Forge's own pruning would take what is listed there as well; this says it in one place.
    prune: false,
    ignore: (path) => !isPackaged(path),
    ...(zips === undefined ? {} : { electronZipDir: zips }),
  },
  // Node-API binaries fit every Electron as they are.
  rebuildConfig: { onlyModules: [] },
  hooks: {
    // Compilers cannot read the archive: engine/paths.ts finds these beside it, under the same names.
    packageAfterCopy: async (_config, buildPath) => {
      for (const path of beside) {
        await cp(join(import.meta.dirname, path), join(buildPath, '..', path), { recursive: true });
      }
      if (bundle !== undefined) {
        await cp(bundle, join(buildPath, '..', 'bundle'), { recursive: true });
      }
      // The runtime from npm names Electron's licence otherwise, and maker-deb wants it.
      const top = join(buildPath, '..', '..');
      const other = join(top, 'LICENSE.electron.txt');
      if (existsSync(other)) await cp(other, join(top, 'LICENSE'));
    },
    // It is made as a temporary folder is, for its owner alone; the deb and the zip would take that over.
    postPackage: async (_config, { outputPaths }) => {
      for (const path of outputPaths) await chmod(path, 0o755);
    },
  },
  makers: [
    // Windows and macOS are configured, not tried: what the lab runs (make, QEMU's sandbox) is Linux's.
    new MakerZIP({}, ['linux', 'darwin', 'win32']),
    new MakerDeb({
      options: {
        name: 'kernel-boot-lab',
        bin: 'kernel-boot-lab',
        section: 'devel',
        maintainer,
        ...debExtras,
        genericName: 'Kernel laboratory',
        // Debian 12's, against which the bundled programs are linked.
        depends: ['gcc', 'make', bundle === undefined ? 'qemu-system-x86' : 'libc6 (>= 2.36)'],
        recommends: ['bc', 'flex', 'bison', 'libelf-dev', 'libssl-dev', 'cpio', 'xz-utils'],
      },
    }),
  ],
  plugins: [
    new FusesPlugin({
      version: FuseVersion.V1,
      [FuseV1Options.RunAsNode]: false,
      [FuseV1Options.EnableCookieEncryption]: true,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: false,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
      [FuseV1Options.OnlyLoadAppFromAsar]: true,
    }),
  ],
};

export default config;
