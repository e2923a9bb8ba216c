import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { testHome } from './test-home.js';

/**
 * vmlinuz of Debian's own linux-image-amd64, which no one here built: its
 * package is downloaded once and unpacked, not installed.
 * @returns path of the image, in a cache that is kept
 */
export function stockKernel(): string {
  const image = newestPackage() ?? refreshed();
  const cache = join(testHome(), 'stock');
  const folder = join(cache, image);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const scratch = mkdtempSync(join(cache, 'download-'));
    try {
      execFileSync('apt-get', ['download', image], { cwd: scratch, stdio: 'pipe' });
      const [archive = ''] = readdirSync(scratch);
      execFileSync('dpkg-deb', ['-x', archive, 'tree'], { cwd: scratch, stdio: 'pipe' });
      renameSync(join(scratch, 'tree', 'boot'), folder);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  const vmlinuz = readdirSync(folder).find((name) => name.startsWith('vmlinuz-'));
  if (vmlinuz === undefined) throw new Error(`${image} has no vmlinuz`);
  return join(folder, vmlinuz);
}

/** The package that linux-image-amd64 stands for now, as far as apt's lists are there. */
function newestPackage(): string | undefined {
  const words = ['depends', 'linux-image-amd64'];
  const { stdout } = spawnSync('apt-cache', words, { encoding: 'utf8' });
  return /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
}

function refreshed(): string {
  execFileSync('apt-get', ['update'], { stdio: 'pipe' });
  const image = newestPackage();
  if (image === undefined) throw new Error('apt knows no linux-image-amd64 here');
  return image;
}
