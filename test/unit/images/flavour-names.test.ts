import { expect, it } from 'vitest';
import { isFlavourName } from '../../../engine/bzimage/index.js';
import { flavourNames } from '../../../engine/images/flavour-names.js';

const image = (name: string, flavour: string | null = null) => ({ name, flavour });

it.each([
  ['flavours as they are', [image('a', 'native'), image('b', 'xen')], ['native', 'xen']],
  ['two of a flavour', [image('a', 'xen'), image('b', 'xen')], ['xen', 'xen-2']],
  ['names of files', [image('6.1.0-43-amd64'), image('bzImage')], ['6.1.0-43-amd64', 'bzImage']],
  ['long names', [image('6.1.0-43-rt-amd64'), image('x')], ['6.1.0-43-rt-', 'x']],
  [
    'long names that begin alike',
    [image('debian-kernel-1'), image('debian-kernel-1')],
    ['debian-kernel-1', 'debian-kerne-2'],
  ],
  ['a flavour with fragments', [image('a', 'native+debug'), image('b')], ['native-debug', 'b']],
  ['nothing that could be printed', [image('日本'), image('語')], ['kernel', 'kernel-2']],
])('names the flavours after %s', (_what, images, names) => {
  expect(flavourNames(images)).toEqual(names);
  expect(names.every(isFlavourName)).toBe(true);
});

it('takes the names that were given, and makes no other like them', () => {
  const images = [image('a', 'xen'), image('b', 'native'), image('c')];
  expect(flavourNames(images, [undefined, 'xen', undefined])).toEqual(['xen-2', 'xen', 'c']);
});
