import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findXen, unpackXen, xenBanner } from '../../../engine/boot/xen.js';

async function folderWith(files: Record<string, Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kbl-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'boot'));
  for (const [name, data] of Object.entries(files))
    await writeFile(join(folder, 'boot', name), data);
  return folder;
}

const none = new Uint8Array();
const code = (what: string) => expect.objectContaining({ code: what }) as unknown;

/** As little of a hypervisor as the check wants: ELF32 with a multiboot header at 128. */
function hypervisor(): Buffer {
  const bytes = Buffer.alloc(4096);
  bytes.write('\x7fELF\x01', 'latin1');
  bytes.writeUInt32LE(0x1badb002, 128);
  bytes.writeUInt32LE(3, 132);
  bytes.writeUInt32LE(0x1_0000_0000 - 0x1badb002 - 3, 136);
  return bytes;
}

describe('findXen', () => {
  it('takes the newest, by number, and no .efi', async () => {
    const names = ['xen-4.9-amd64.gz', 'xen-4.17-amd64.gz', 'xen-4.20-amd64.efi', 'xen-4.17.1.efi'];
    const folder = await folderWith(Object.fromEntries(names.map((name) => [name, none])));
    const file = join(folder, 'boot', 'xen-4.17-amd64.gz');
    expect(await findXen(join(folder, 'boot'))).toEqual({ file, version: '4.17' });
  });

  it('takes what the user chose, whatever its name', async () => {
    const folder = await folderWith({ 'xen.gz': none, 'xen-4.19.0.gz': none });
    onTestFinished(() => {
      delete process.env['KBL_XEN'];
    });
    process.env['KBL_XEN'] = join(folder, 'boot', 'xen-4.19.0.gz');
    expect(await findXen()).toMatchObject({ version: '4.19.0' });
    const file = join(folder, 'boot', 'xen.gz');
    process.env['KBL_XEN'] = file;
    expect(await findXen()).toEqual({ file, version: 'unknown' });
    process.env['KBL_XEN'] = `${file}.gone`;
    await expect(findXen()).rejects.toThrow(code('boot-xen-missing'));
  });

  it('says how to install it', async () => {
    await expect(findXen('/nowhere')).rejects.toThrow(code('boot-xen-missing'));
  });
});

describe('unpackXen', () => {
  it('unpacks once, leaving nothing half-written', async () => {
    const folder = await folderWith({ 'xen-4.17.gz': gzipSync(hypervisor()) });
    const xen = { file: join(folder, 'boot', 'xen-4.17.gz'), version: '4.17' };
    const first = await unpackXen(xen, join(folder, 'cache'));
    expect(await readFile(first)).toEqual(hypervisor());
    expect(await unpackXen(xen, join(folder, 'cache'))).toBe(first);
    expect(await readdir(join(folder, 'cache'))).toHaveLength(1);
  });

  it('is one file for guests that start at the same moment', async () => {
    const folder = await folderWith({ 'xen-4.17.gz': gzipSync(hypervisor()) });
    const xen = { file: join(folder, 'boot', 'xen-4.17.gz'), version: '4.17' };
    const cache = join(folder, 'cache');
    const paths = await Promise.all([1, 2, 3, 4].map(() => unpackXen(xen, cache)));
    expect(new Set(paths).size).toBe(1);
    expect(await readdir(cache)).toHaveLength(1);
  });

  it('takes an ELF that is not packed', async () => {
    const folder = await folderWith({ 'xen-4.19': hypervisor() });
    const xen = { file: join(folder, 'boot', 'xen-4.19'), version: '4.19' };
    expect(await readFile(await unpackXen(xen, join(folder, 'cache')))).toEqual(hypervisor());
  });

  it.each([
    ['no gzip', Buffer.from('MZ')],
    ['a cut gzip', gzipSync(hypervisor()).subarray(0, 20)],
    [
      'no multiboot header',
      gzipSync(Buffer.concat([hypervisor().subarray(0, 100), Buffer.alloc(99)])),
    ],
    ['a decompression bomb', gzipSync(Buffer.alloc(65 * 1024 * 1024))],
  ])('refuses %s', async (_what, packed) => {
    const folder = await folderWith({ 'xen-4.17.gz': packed });
    const xen = { file: join(folder, 'boot', 'xen-4.17.gz'), version: '4.17' };
    await expect(unpackXen(xen, folder)).rejects.toThrow(code('boot-xen-damaged'));
    expect(await readdir(folder)).toEqual(['boot']);
  });
});

describe('xenBanner', () => {
  it('finds the exact version', () => {
    const line = '(XEN) Xen version 4.17.7 (Debian 4.17.7-1) (maintainers@debian) (gcc) debug=n';
    expect(xenBanner(`Booting\n${line}\n`)).toBe('4.17.7 (Debian 4.17.7-1)');
    expect(xenBanner('Linux version 6.1')).toBeUndefined();
  });
});
