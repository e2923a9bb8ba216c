import type { SizeClass } from '../../../engine/contract/app/images.js';
import { count } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';
import { mainClass, type SizeNode } from './size-tree.js';

export const classWords: Readonly<Record<SizeClass, { title: string; about: string }>> = {
  code: { title: 'code', about: 'instructions' },
  rodata: { title: 'read-only data', about: 'constants, strings, tables; mapped read-only' },
  data: { title: 'data', about: 'variables with a value from the start' },
  bss: { title: 'bss', about: 'variables that start as zero: memory, but no bytes of the file' },
};

const padding = '--size-padding';

/** Every colour that a node may have. */
export const sizeColours: readonly string[] = [
  ...Object.keys(classWords).map((one) => `--size-${one}`),
  padding,
];

/** The custom property of a node's colour: that of most of its bytes. */
export function colourOf(node: SizeNode): string {
  const isPadding = node.kind === 'padding' || (node.kind === 'rest' && node.name === 'padding');
  return isPadding ? padding : `--size-${mainClass(node)}`;
}

/** `12.3 %`; small shares are not rounded to nothing. */
export function shareText(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const percent = (100 * part) / whole;
  return percent < 0.05 ? '< 0.1 %' : `${percent.toFixed(1)} %`;
}

const kindWords: Readonly<Record<SizeNode['kind'], string>> = {
  folder: 'folder',
  file: 'object file',
  section: 'section',
  rest: '',
  function: 'function',
  object: 'variable',
  unnamed: 'no symbol',
  padding: 'padding',
};

/** A node's parts; shares are of the node. */
export function sizeColumns(root: SizeNode): Column<SizeNode>[] {
  return [
    {
      ...{ id: 'name', title: 'name', width: 'minmax(120px, 1fr)', mono: true },
      text: ({ name }) => name,
      colour: colourOf,
    },
    { id: 'kind', title: 'kind', width: '86px', text: ({ kind }) => kindWords[kind] },
    {
      ...{ id: 'size', title: 'size (bytes)', width: '98px', number: true },
      text: ({ size }) => count(size),
      key: ({ size }) => size,
    },
    {
      ...{ id: 'share', title: 'share', width: '72px', number: true },
      text: ({ size }) => shareText(size, root.size),
      key: ({ size }) => size,
    },
  ];
}
