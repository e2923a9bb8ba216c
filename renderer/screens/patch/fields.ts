import type { Discovery } from '../../../engine/contract/app/patch.js';
import type { Column } from '../../shared/table.js';
import { useWords } from './words.js';

/** Columns of fields that relocations tell of and the table of paravirt sites does not. */
export const fieldColumns: Column<Discovery['onlyRelocated'][number]>[] = [
  {
    ...{ id: 'address', title: 'address', width: '138px', mono: true },
    text: ({ address }) => address,
  },
  {
    ...{ id: 'place', title: 'function + offset', width: 'minmax(150px, 1.4fr)', mono: true },
    text: ({ place }) => place,
  },
  {
    ...{ id: 'use', title: 'what it is', width: 'minmax(150px, 1fr)' },
    text: ({ use }) => useWords[use],
  },
  {
    ...{ id: 'member', title: 'member', width: 'minmax(150px, 1fr)', mono: true },
    text: ({ member }) => member,
  },
];
