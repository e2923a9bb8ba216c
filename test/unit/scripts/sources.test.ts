import { expect, it } from 'vitest';
import { sourcesText } from '../../../scripts/package/sources.mjs';

const packages = [
  {
    name: 'qemu-system-x86',
    version: '1:7.2+dfsg-7+b3',
    source: 'qemu',
    sourceVersion: '1:7.2+dfsg-7',
    builtUsing: [],
  },
  {
    name: 'busybox-static',
    version: '1:1.35.0-4+b1',
    source: 'busybox',
    sourceVersion: '1:1.35.0-4',
    builtUsing: ['glibc (= 2.36-9)'],
  },
  {
    name: 'qemu-system-data',
    version: '1:7.2+dfsg-7',
    source: 'qemu',
    sourceVersion: '1:7.2+dfsg-7',
    builtUsing: [],
  },
];

it('names each source once, with what was made of it and what is linked in', () => {
  const text = sourcesText(packages, undefined);
  expect(text).toContain(`glibc 2.36-9
  for   busybox-static 1:1.35.0-4+b1, linked in statically
  get   apt-get source glibc=2.36-9
  or    https://snapshot.debian.org/package/glibc/2.36-9/`);
  expect(text).toContain(`qemu 1:7.2+dfsg-7
  for   qemu-system-x86 1:7.2+dfsg-7+b3
  for   qemu-system-data 1:7.2+dfsg-7
  get   apt-get source qemu=1:7.2+dfsg-7
  or    https://snapshot.debian.org/package/qemu/1%3A7.2%2Bdfsg-7/`);
});

it('offers the source in the name of who distributes it, and says so when nobody does', () => {
  expect(sourcesText(packages, 'Ann Other, 1 Road')).toMatch(
    /^Ann Other, 1 Road\nwill give anyone/m,
  );
  expect(sourcesText(packages, undefined)).toMatch(/^No written offer/m);
});
