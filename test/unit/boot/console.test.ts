import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { followFile } from '../../../engine/boot/console/follow.js';
import { createScanner, scanConsole } from '../../../engine/boot/console/scanner.js';
import type { Sign } from '../../../engine/boot/console/signs.js';
import { createConsoleStore } from '../../../engine/boot/console/store.js';
import { lastLines, plainText } from '../../../engine/boot/console/text.js';
import { bytes, realConsole, text } from './support.js';

describe('the console scanner', () => {
  it('finds the same signs however the bytes are cut', () => {
    const console = realConsole('xen-panic');
    const whole = scanConsole(console, 'KBL-DONE');
    expect(whole).toHaveLength(1);
    const signs: Sign[] = [];
    const scanner = createScanner('KBL-DONE', { onSign: (sign) => signs.push(sign) });
    for (const byte of console) scanner.push(Uint8Array.of(byte));
    scanner.end();
    expect(signs).toEqual(whole);
  });

  it('takes a last line without a line break', () => {
    expect(scanConsole(bytes('a\nKBL-DONE'), 'KBL-DONE')).toEqual([
      { kind: 'done', line: 'KBL-DONE' },
    ]);
  });

  it('reports a Xen panic whose reason never came', () => {
    expect(scanConsole(bytes('(XEN) Panic on CPU 0:'), '')).toMatchObject([{ kind: 'xen-panic' }]);
  });

  it('bounds a line that never ends, and the number of signs', () => {
    const lines: number[] = [];
    const signs: Sign[] = [];
    const scanner = createScanner('KBL-DONE', {
      onSign: (sign) => signs.push(sign),
      onLine: (line) => lines.push(line.length),
    });
    for (let i = 0; i < 100; i++) scanner.push(bytes('x'.repeat(10_000)));
    scanner.push(bytes('\n'));
    scanner.push(bytes('KBL-DONE\n'.repeat(1000)));
    expect(lines[0]).toBe(4096);
    expect(signs).toHaveLength(32);
  });
});

describe('the console store', () => {
  it('keeps all of a short console', () => {
    const store = createConsoleStore(10);
    store.push(bytes('1234'));
    store.push(bytes('567890'));
    expect(text(store.contents().bytes)).toBe('1234567890');
    expect(store.contents().truncated).toBe(false);
  });

  it('keeps the beginning and the end of a long one, and says how much is gone', () => {
    const store = createConsoleStore(10);
    for (const letter of 'abcdefghijklmnopqrstuvwxyz') store.push(bytes(letter));
    const { bytes: kept, truncated } = store.contents();
    expect(text(kept)).toBe('abcde\n[... 16 bytes of console left out ...]\nvwxyz');
    expect(truncated).toBe(true);
    expect(store.size).toBe(26);
  });
});

describe('console text', () => {
  it('loses every escape sequence and control character', () => {
    const hostile =
      'a\x1b[31mb\x1b]52;c;ZXZpbA==\x07c\x1bP1$r\x1b\\d\x9be\x00\r\x08f\tg\nh\x1b]8;;x';
    expect(plainText(hostile)).toBe('abcdf\tg\nh');
  });

  it('gives the last lines that say something', () => {
    expect(lastLines(bytes('one\n\ntwo\r\n  \nthree'), 2)).toEqual(['two', 'three']);
    expect(lastLines(bytes(''), 2)).toEqual([]);
    expect(lastLines(realConsole('panic-dom0'), 1)[0]).toMatch(/noreboot/);
  });
});

describe('followFile', () => {
  it('delivers what is appended, and the rest at the end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kbl-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'console.log');
    await writeFile(file, 'of an earlier run');
    let seen = '';
    const follower = await followFile(file, (more) => (seen += text(more)));
    await appendFile(file, 'one');
    await vi.waitFor(() => expect(seen).toBe('one'));
    await appendFile(file, ' two');
    await follower.finish();
    expect(seen).toBe('one two');
    expect(await readFile(file, 'utf8')).toBe('one two');
  });
});
