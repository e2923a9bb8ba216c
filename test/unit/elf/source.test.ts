import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { labError } from '../../support/lab-error.js';
import { memorySource, openFileSource } from '../../../engine/elf/index.js';

const folder = mkdtempSync(join(tmpdir(), 'kbl-source-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('openFileSource', () => {
  const file = join(folder, 'bytes');

  it('reads by place, and only what is there', () => {
    writeFileSync(file, '0123456789');
    const source = openFileSource(file);
    expect(source.size).toBe(10);
    expect(Buffer.from(source.read(3, 4, 'a piece')).toString()).toBe('3456');
    expect(source.read(10, 0, 'nothing')).toHaveLength(0);
    expect(() => source.read(8, 3, 'a piece')).toThrow(
      labError('elf-out-of-file', { place: { offset: 8 } }),
    );
    source.close();
  });

  it('notices a file that shrank meanwhile', () => {
    writeFileSync(file, '0123456789');
    const source = openFileSource(file);
    truncateSync(file, 4);
    expect(() => source.read(2, 6, 'a piece')).toThrow(
      labError('elf-unreadable', { place: { file } }),
    );
    source.close();
  });

  it('names a file that is not there', () => {
    expect(() => openFileSource(join(folder, 'none'))).toThrow(labError('file-missing'));
  });

  it('refuses pieces beyond the limit before allocating them', () => {
    writeFileSync(file, '');
    truncateSync(file, 2 ** 40);
    const source = openFileSource(file);
    expect(() => source.read(0, 2 ** 39, 'a table')).toThrow(labError('elf-limit'));
    source.close();
  });
});

describe('memorySource', () => {
  it.each([
    [-1, 1],
    [0, -1],
    [NaN, 1],
    [0.5, 1],
    [4, 1],
    [2 ** 53, 1],
    [0, Infinity],
  ])('refuses offset %d, size %d', (offset, size) => {
    const source = memorySource(new Uint8Array(4));
    expect(() => source.read(offset, size, 'x')).toThrow(labError('elf-out-of-file'));
  });
});
