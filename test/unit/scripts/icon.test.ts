import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { projectPath } from '../../../engine/paths.js';
import { icns, ico } from '../../../scripts/package/icon-files.mjs';

const read = (name: string): Buffer => readFileSync(projectPath('electron', 'icon', name));
const pictures = (sides: number[]) => new Map(sides.map((side) => [side, read(`${side}.png`)]));
const all = [16, 32, 48, 64, 128, 256, 512];

it('has each picture in the size of its name', () => {
  for (const [side, png] of pictures(all)) {
    expect(png.toString('latin1', 1, 4)).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([side, side]);
  }
});

it('packs them for Windows, each where its entry says', () => {
  const file = read('icon.ico');
  const sides = all.filter((side) => side <= 256);
  expect(file).toEqual(ico(pictures(sides)));
  expect(file.readUInt16LE(4)).toBe(sides.length);
  sides.forEach((side, index) => {
    const entry = file.subarray(6 + 16 * index);
    const [size, offset] = [entry.readUInt32LE(8), entry.readUInt32LE(12)];
    expect(entry[0]).toBe(side % 256);
    expect(file.subarray(offset, offset + size)).toEqual(read(`${side}.png`));
  });
});

it('packs them for macOS, chunk after chunk', () => {
  const file = read('icon.icns');
  expect(file).toEqual(icns(pictures(all)));
  expect(file.readUInt32BE(4)).toBe(file.length);
  const types: string[] = [];
  for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) {
    types.push(file.toString('latin1', at, at + 4));
  }
  expect(types).toEqual(['icp4', 'icp5', 'ic07', 'ic08', 'ic09']);
});
