import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCpio, type CpioEntry } from '../../../engine/guest/cpio.js';

const busybox = '/bin/busybox';

describe('the cpio writer', () => {
  const entries: CpioEntry[] = [
    { path: 'bin', kind: 'directory', mode: 0o755 },
    { path: 'bin/odd-length', kind: 'file', mode: 0o750, data: Buffer.from('12345') },
    { path: 'bin/nothing', kind: 'file', mode: 0o644, data: new Uint8Array(0) },
    { path: 'init', kind: 'symlink', target: 'bin/odd-length' },
    { path: 'umlaut-ä', kind: 'file', mode: 0o600, data: Buffer.from('x') },
  ];

  it('writes an archive that an independent reader unpacks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kbl-cpio-'));
    try {
      execFileSync(busybox, ['cpio', '-i'], {
        cwd: folder,
        input: writeCpio(entries),
        stdio: 'pipe',
      });
      expect(readFileSync(join(folder, 'bin/odd-length'), 'latin1')).toBe('12345');
      expect(statSync(join(folder, 'bin/odd-length')).mode & 0o7777).toBe(0o750);
      expect(statSync(join(folder, 'bin/nothing')).size).toBe(0);
      expect(readlinkSync(join(folder, 'init'))).toBe('bin/odd-length');
      expect(readFileSync(join(folder, 'umlaut-ä'), 'latin1')).toBe('x');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('lists device nodes with their numbers', () => {
    const archive = writeCpio([
      { path: 'console', kind: 'character-device', mode: 0o600, major: 5, minor: 1 },
    ]);
    const listing = execFileSync(busybox, ['cpio', '-tv'], { input: archive, encoding: 'utf8' });
    expect(listing).toMatch(/^crw------- .*console/m);
    // c_rdevmajor and c_rdevminor, the tenth and eleventh field of eight digits.
    expect(Buffer.from(archive.subarray(78, 94)).toString('latin1')).toBe('0000000500000001');
  });

  it('gives the same bytes for the same entries', () => {
    expect(writeCpio(entries)).toEqual(writeCpio(entries));
  });

  it.each(['/etc/passwd', '../up', 'a/../../b', '', 'nul\0byte', 'TRAILER!!!'])(
    'refuses the path %j',
    (path) => {
      expect(() => writeCpio([{ path, kind: 'directory', mode: 0o755 }])).toThrow(
        expect.objectContaining({ code: 'guest-path-invalid' }),
      );
    },
  );
});
