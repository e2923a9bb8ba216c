import { count } from '../../shared/figures.js';
import type { Column } from '../../shared/table.js';
import { mainPart, sizeParts, type SizeNode, type SizePart } from './size-tree.js';

export const partWords: Readonly<Record<SizePart, { title: string; about: string }>> = {
  code: { title: 'code', about: 'instructions' },
  rodata: { title: 'read-only data', about: 'constants, strings, tables; mapped read-only' },
  data: { title: 'data', about: 'variables with a value from the start' },
  bss: { title: 'bss', about: 'variables that start as zero: memory, but no bytes of the file' },
  padding: { title: 'padding', about: 'between functions, variables and sections, to align them' },
};

/** Every colour that a node may have. */
export const sizeColours: readonly string[] = sizeParts.map((one) => `--size-${one}`);

/** The custom property of a node's colour: that of most of its bytes. */
export function colourOf(node: SizeNode): string {
  return `--size-${mainPart(node)}`;
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
