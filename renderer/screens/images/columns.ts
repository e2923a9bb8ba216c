import type { Image } from '../../../engine/contract/app/images.js';
import { count, localTime } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';

export const imageColumns: readonly Column<Image>[] = [
  { id: 'name', title: 'name', width: 'minmax(160px, 2fr)', text: ({ name }) => name },
  { id: 'kind', title: 'kind', width: '90px', text: ({ kind }) => kind },
  { id: 'flavour', title: 'flavour', width: 'minmax(80px, 1fr)', text: flavourText },
  {
    id: 'version',
    title: 'kernel',
    width: 'minmax(80px, 1fr)',
    text: ({ kernelVersion }) => kernelVersion ?? '',
  },
  {
    id: 'size',
    title: 'size (bytes)',
    width: '110px',
    number: true,
    text: ({ size }) => count(size),
    key: ({ size }) => size,
  },
  {
    id: 'created',
    title: 'added',
    width: '140px',
    number: true,
    text: ({ createdAt }) => localTime(createdAt),
    key: ({ createdAt }) => createdAt,
  },
];

/** `xen + native` for a multi-image, whose base comes last in the record. */
function flavourText({ flavour, parts }: Image): string {
  return flavour ?? parts.map(({ label }) => label).join(' + ');
}
