import { MakerDeb } from '@electron-forge/maker-deb';
import { MakerZIP } from '@electron-forge/maker-zip';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import type { ForgeConfig } from '@electron-forge/shared-types';
import { FuseV1Options, FuseVersion } from '@electron/fuses';

/** Packaging of the desktop app. Native modules stay outside of the archive: dlopen cannot read it. */
const config: ForgeConfig = {
  packagerConfig: { name: 'Kernel Boot Lab', asar: { unpack: '**/*.node' } },
  // Node-API binaries fit every Electron as they are.
  rebuildConfig: { onlyModules: [] },
  makers: [new MakerZIP({}, ['linux', 'darwin']), new MakerDeb({})],
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
