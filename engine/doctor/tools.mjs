/**
 * Everything outside npm that the lab uses: what needs it, how it is found, and
 * which package brings it. One table for set-up (which runs before anything is
 * compiled, hence plain JavaScript) and for `kbl doctor`.
 */

/**
 * @typedef {'debian' | 'fedora' | 'arch'} Distribution
 *
 * What a tool is needed for: `install` compiles npm packages that bring no
 * ready binary, `build` makes kernels, `merge` makes multi-images of kernels
 * whose build folder is not at hand, `patch` packs kernels whose sites were
 * resolved, `boot` runs and measures them, `app` opens the desktop app,
 * `package` makes packages of it, `bundle` puts what boots kernels into them,
 * `test` is what tests hold the lab's answers against, `bench` what benchmarks do.
 * @typedef {'install' | 'build' | 'merge' | 'patch' | 'boot' | 'app' | 'package' | 'bundle' | 'test' | 'bench'} Purpose
 *
 * How to see that a tool is there:
 * - `command`: an executable of this name on PATH
 * - `static`: the same, and statically linked
 * - `header`: a C header in the compiler's default folders
 * - `file`: one of these paths; `*` may stand in the last part
 * @typedef {{ command: string } | { static: string } | { header: string } | { file: string[] }} Detection
 *
 * @typedef {object} Tool
 * @property {string} id
 * @property {string} neededBy  one line: what cannot be done without it
 * @property {Purpose[]} purposes
 * @property {Detection} detect
 * @property {string[]} [version]  arguments that make the command print its version
 * @property {Readonly<Record<Distribution, string[]>>} packages  names to try, first choice first; empty where the distribution has none
 * @property {string} [elsewhere]  what to do where no package exists
 */

/** The same name in all three distributions. @param {string} name */
const everywhere = (name) => ({ debian: [name], fedora: [name], arch: [name] });

/** Where distributions put static libraries. @param {string} name */
const staticLibrary = (name) =>
  ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'].map((folder) => `${folder}/${name}`);

/** Where distributions put shared libraries. @param {string} name */
const sharedLibrary = (name) =>
  ['/usr/lib/x86_64-linux-gnu', '/usr/lib64', '/usr/lib'].map((folder) => `${folder}/${name}`);

/**
 * A shared library that Electron is linked to.
 * @param {string} id
 * @param {string} file
 * @param {Tool['packages']} packages
 * @returns {Tool}
 */
const electronLibrary = (id, file, packages) => ({
  id,
  neededBy: 'is a library that the desktop app needs',
  purposes: ['app'],
  detect: { file: sharedLibrary(file) },
  packages,
});

/** @type {readonly Tool[]} */
export const tools = [
  {
    id: 'qemu',
    neededBy: 'boots kernel images and counts their instructions',
    purposes: ['boot', 'bundle'],
    detect: { command: 'qemu-system-x86_64' },
    version: ['--version'],
    packages: {
      debian: ['qemu-system-x86'],
      fedora: ['qemu-system-x86-core'],
      arch: ['qemu-system-x86'],
    },
  },
  {
    id: 'xen',
    neededBy: 'boots kernel images under Xen',
    purposes: ['boot', 'bundle'],
    detect: { file: ['/boot/xen-*.gz'] },
    packages: {
      debian: ['xen-hypervisor-4.17-amd64', 'xen-system-amd64'],
      fedora: ['xen-hypervisor'],
      arch: [],
    },
    elsewhere: "build Xen (Arch: the AUR's package xen) and put its xen-VERSION.gz into /boot",
  },
  {
    id: 'busybox',
    neededBy: "is the guest's user space; it must be statically linked",
    purposes: ['boot', 'bundle'],
    detect: { static: 'busybox' },
    packages: { debian: ['busybox-static'], fedora: ['busybox'], arch: ['busybox'] },
  },
  {
    id: 'ovmf',
    neededBy: 'is the firmware with which kernel images boot under UEFI',
    purposes: ['test', 'bundle'],
    detect: {
      file: [
        '/usr/share/edk2-ovmf/x64/OVMF.fd',
        '/usr/share/edk2/x64/OVMF.4m.fd',
        '/usr/share/edk2/ovmf/OVMF.fd',
        '/usr/share/ovmf/OVMF.fd',
      ],
    },
    packages: { debian: ['ovmf'], fedora: ['edk2-ovmf'], arch: ['edk2-ovmf'] },
  },
  {
    id: 'grub',
    neededBy: 'starts kernel images under UEFI in tests, as a boot loader does',
    purposes: ['test'],
    detect: { file: ['/usr/lib/grub/x86_64-efi/linux.mod'] },
    packages: {
      debian: ['grub-efi-amd64-bin'],
      fedora: ['grub2-efi-x64-modules'],
      arch: ['grub'],
    },
  },
  {
    id: 'mtools',
    neededBy: 'puts kernel images on EFI system partitions in tests',
    purposes: ['test'],
    detect: { command: 'mcopy' },
    packages: everywhere('mtools'),
  },
  {
    id: 'dosfstools',
    neededBy: 'makes EFI system partitions in tests',
    purposes: ['test'],
    detect: { command: 'mkfs.fat' },
    packages: everywhere('dosfstools'),
  },
  {
    id: 'gnumeric',
    neededBy: 'reads exported workbooks in tests, as software that the lab has no part in',
    purposes: ['test'],
    detect: { command: 'ssconvert' },
    packages: everywhere('gnumeric'),
  },
  {
    id: 'zsh',
    neededBy: 'runs its completion script in tests',
    purposes: ['test'],
    detect: { command: 'zsh' },
    packages: everywhere('zsh'),
  },
  {
    id: 'fish',
    neededBy: 'runs its completion script in tests',
    purposes: ['test'],
    detect: { command: 'fish' },
    packages: everywhere('fish'),
  },
  {
    id: 'setpriv',
    neededBy: 'makes the emulator die with the lab, so that none is left behind',
    purposes: ['boot'],
    detect: { command: 'setpriv' },
    version: ['--version'],
    packages: everywhere('util-linux'),
  },
  {
    id: 'prlimit',
    neededBy: "bounds the emulator's memory, files and processes",
    purposes: ['boot'],
    detect: { command: 'prlimit' },
    version: ['--version'],
    packages: everywhere('util-linux'),
  },
  {
    id: 'linux-source',
    neededBy: 'is the kernel source that flavours are built from, unless --source names another',
    purposes: ['build'],
    detect: { file: ['/usr/src/linux-source-*.tar.xz'] },
    packages: { debian: ['linux-source-6.1', 'linux-source'], fedora: [], arch: [] },
    elsewhere: 'unpack a kernel from https://kernel.org and give its folder with --source',
  },
  {
    id: 'gcc',
    neededBy: 'compiles kernels, the guest workloads, the counter plugin and the boot stub',
    purposes: ['build', 'merge', 'boot', 'install'],
    detect: { command: 'gcc' },
    version: ['--version'],
    packages: everywhere('gcc'),
  },
  {
    id: 'libc-headers',
    neededBy: 'compiles the counter plugin',
    purposes: ['boot'],
    detect: { file: ['/usr/include/stdio.h'] },
    packages: { debian: ['libc6-dev'], fedora: ['glibc-devel'], arch: ['glibc'] },
  },
  {
    id: 'binutils',
    neededBy: 'links kernels, the guest workloads and the boot stub',
    purposes: ['build', 'merge', 'boot'],
    detect: { command: 'ld' },
    version: ['--version'],
    packages: everywhere('binutils'),
  },
  {
    id: 'make',
    neededBy: 'builds kernels',
    purposes: ['build', 'install'],
    detect: { command: 'make' },
    version: ['--version'],
    packages: everywhere('make'),
  },
  {
    id: 'bc',
    neededBy: "computes the kernel's time constants during its build",
    purposes: ['build'],
    detect: { command: 'bc' },
    version: ['--version'],
    packages: everywhere('bc'),
  },
  {
    id: 'flex',
    neededBy: "makes the scanner of the kernel's configuration tool",
    purposes: ['build'],
    detect: { command: 'flex' },
    version: ['--version'],
    packages: everywhere('flex'),
  },
  {
    id: 'bison',
    neededBy: "makes the parser of the kernel's configuration tool",
    purposes: ['build'],
    detect: { command: 'bison' },
    version: ['--version'],
    packages: everywhere('bison'),
  },
  {
    id: 'libelf',
    neededBy: "is linked into objtool, which checks the kernel's objects",
    purposes: ['build'],
    detect: { header: 'gelf.h' },
    packages: { debian: ['libelf-dev'], fedora: ['elfutils-libelf-devel'], arch: ['libelf'] },
  },
  {
    id: 'libssl',
    neededBy: "is linked into the kernel's certificate tools, where a configuration has them",
    purposes: ['build'],
    detect: { header: 'openssl/opensslv.h' },
    packages: { debian: ['libssl-dev'], fedora: ['openssl-devel'], arch: ['openssl'] },
  },
  {
    id: 'libdeflate',
    neededBy: 'is linked into the boot stub of multi-images that are packed with gzip',
    purposes: ['merge'],
    detect: { file: staticLibrary('libdeflate.a') },
    packages: { debian: ['libdeflate-dev'], fedora: [], arch: [] },
    elsewhere: 'build libdeflate and put libdeflate.a and libdeflate.h where the compiler looks',
  },
  {
    id: 'liblzma',
    neededBy: 'is linked into the boot stub of multi-images that are packed with xz',
    purposes: ['merge'],
    detect: { file: staticLibrary('liblzma.a') },
    packages: { debian: ['liblzma-dev'], fedora: ['xz-static'], arch: [] },
    elsewhere: 'build XZ Utils with --enable-static and put liblzma.a where the compiler looks',
  },
  {
    id: 'libzstd',
    neededBy: 'is linked into the boot stub of multi-images that are packed with zstd',
    purposes: ['merge'],
    detect: { file: staticLibrary('libzstd.a') },
    packages: { debian: ['libzstd-dev'], fedora: ['libzstd-static'], arch: [] },
    elsewhere: 'build zstd and put libzstd.a where the compiler looks',
  },
  {
    id: 'tar',
    neededBy: 'unpacks the kernel source',
    purposes: ['build'],
    detect: { command: 'tar' },
    version: ['--version'],
    packages: everywhere('tar'),
  },
  {
    id: 'xz',
    neededBy: 'unpacks the kernel source, and packs patched kernels as their builds did',
    purposes: ['build', 'patch', 'bench'],
    detect: { command: 'xz' },
    version: ['--version'],
    packages: { debian: ['xz-utils'], fedora: ['xz'], arch: ['xz'] },
  },
  {
    id: 'zstd',
    neededBy:
      'packs patched kernels as their builds did, and makes patches to compare multi-images with',
    purposes: ['patch', 'bench'],
    detect: { command: 'zstd' },
    version: ['--version'],
    packages: everywhere('zstd'),
  },
  {
    id: 'libdeflate-gzip',
    neededBy: 'packs patched kernels that gzip makes too large for their place',
    purposes: ['patch'],
    detect: { command: 'libdeflate-gzip' },
    packages: {
      debian: ['libdeflate-tools'],
      fedora: ['libdeflate-utils'],
      arch: ['libdeflate'],
    },
  },
  {
    id: 'bsdiff',
    neededBy: 'makes patches that multi-images are compared with',
    purposes: ['bench'],
    detect: { command: 'bsdiff' },
    packages: everywhere('bsdiff'),
  },
  {
    id: 'xdelta3',
    neededBy: 'makes patches that multi-images are compared with',
    purposes: ['bench'],
    detect: { command: 'xdelta3' },
    version: ['-V'],
    packages: { debian: ['xdelta3'], fedora: ['xdelta'], arch: ['xdelta3'] },
  },
  {
    id: 'g++',
    neededBy: "compiles npm's sqlite3 where no ready binary can be fetched",
    purposes: ['install'],
    detect: { command: 'g++' },
    version: ['--version'],
    packages: { debian: ['g++'], fedora: ['gcc-c++'], arch: ['gcc'] },
  },
  {
    id: 'python3',
    neededBy:
      "runs node-gyp, which compiles npm's sqlite3 where no ready binary can be fetched, and in tests the kernel's own scripts",
    purposes: ['install', 'test'],
    detect: { command: 'python3' },
    version: ['--version'],
    packages: { debian: ['python3'], fedora: ['python3'], arch: ['python'] },
  },
  {
    id: 'unzip',
    neededBy: "unpacks Electron where the electron package's own download cannot be reached",
    purposes: ['app'],
    detect: { command: 'unzip' },
    packages: everywhere('unzip'),
  },
  {
    id: 'zip',
    neededBy:
      "packs Electron for the packager where the electron package's own download cannot be reached",
    purposes: ['package', 'test'],
    detect: { command: 'zip' },
    packages: everywhere('zip'),
  },
  {
    id: 'fakeroot',
    neededBy: "makes the desktop app a Debian package, whose files are root's",
    purposes: ['package', 'test'],
    detect: { command: 'fakeroot' },
    packages: everywhere('fakeroot'),
  },
  {
    id: 'dpkg-deb',
    neededBy: 'makes the desktop app a Debian package',
    purposes: ['package', 'test'],
    detect: { command: 'dpkg-deb' },
    packages: everywhere('dpkg'),
  },
  {
    id: 'xvfb',
    neededBy: 'is a display for the desktop app where there is none, as in its tests',
    purposes: ['test'],
    detect: { command: 'xvfb-run' },
    packages: {
      debian: ['xvfb'],
      fedora: ['xorg-x11-server-Xvfb'],
      arch: ['xorg-server-xvfb'],
    },
  },
  {
    id: 'xauth',
    neededBy: 'is what xvfb-run needs',
    purposes: ['test'],
    detect: { command: 'xauth' },
    packages: { debian: ['xauth'], fedora: ['xauth'], arch: ['xorg-xauth'] },
  },
  electronLibrary('libgtk3', 'libgtk-3.so.0', {
    debian: ['libgtk-3-0', 'libgtk-3-0t64'],
    fedora: ['gtk3'],
    arch: ['gtk3'],
  }),
  electronLibrary('libnss3', 'libnss3.so', {
    debian: ['libnss3'],
    fedora: ['nss'],
    arch: ['nss'],
  }),
  electronLibrary('libasound2', 'libasound.so.2', {
    debian: ['libasound2', 'libasound2t64'],
    fedora: ['alsa-lib'],
    arch: ['alsa-lib'],
  }),
  electronLibrary('libgbm', 'libgbm.so.1', {
    debian: ['libgbm1'],
    fedora: ['mesa-libgbm'],
    arch: ['mesa'],
  }),
  electronLibrary('libdrm', 'libdrm.so.2', {
    debian: ['libdrm2'],
    fedora: ['libdrm'],
    arch: ['libdrm'],
  }),
  electronLibrary('libatk-bridge', 'libatk-bridge-2.0.so.0', {
    debian: ['libatk-bridge2.0-0', 'libatk-bridge2.0-0t64'],
    fedora: ['at-spi2-atk'],
    arch: ['at-spi2-core'],
  }),
  electronLibrary('libxtst', 'libXtst.so.6', {
    debian: ['libxtst6'],
    fedora: ['libXtst'],
    arch: ['libxtst'],
  }),
  electronLibrary('libxss', 'libXss.so.1', {
    debian: ['libxss1'],
    fedora: ['libXScrnSaver'],
    arch: ['libxss'],
  }),
  electronLibrary('libnotify', 'libnotify.so.4', {
    debian: ['libnotify4'],
    fedora: ['libnotify'],
    arch: ['libnotify'],
  }),
  electronLibrary('libsecret', 'libsecret-1.so.0', {
    debian: ['libsecret-1-0'],
    fedora: ['libsecret'],
    arch: ['libsecret'],
  }),
];

/** How packages are installed, by distribution. @type {Readonly<Record<Distribution, string>>} */
export const installCommand = {
  debian: 'sudo apt-get install --no-install-recommends',
  fedora: 'sudo dnf install',
  arch: 'sudo pacman -S --needed',
};

/**
 * The command that installs these tools' packages, or undefined where the
 * distribution has none of them.
 * @param {readonly Tool[]} wanted
 * @param {Distribution} distribution
 * @returns {string | undefined}
 */
export function installLine(wanted, distribution) {
  const names = new Set(wanted.flatMap((tool) => tool.packages[distribution].slice(0, 1)));
  return names.size === 0 ? undefined : `${installCommand[distribution]} ${[...names].join(' ')}`;
}
