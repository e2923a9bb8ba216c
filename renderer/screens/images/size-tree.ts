import {
  leafKinds,
  sizeClasses,
  type LeafKind,
  type SizeClass,
  type Sizes,
} from '../../../engine/contract/app/images.js';
import type { Sized } from '../../shared/treemap.js';

/** What a byte is counted as: padding apart, since nobody wrote it and alignment to 2 MiB makes it the largest. */
export const sizeParts = [...sizeClasses, 'padding'] as const;
export type SizePart = SizeClass | 'padding';

/**
 * A kernel's bytes as a tree: folders, object files, functions; or sections and what is in them.
 * Sizes of a node's children add up to its own. Pure.
 */
export interface SizeNode extends Sized<SizeNode> {
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'section' | 'rest' | LeafKind;
  readonly children: readonly SizeNode[];
  readonly parent: SizeNode | undefined;
  /** Bytes, in the order of `sizeParts`. */
  readonly bytes: readonly number[];
}

export type SizeOrder = 'source' | 'section';

interface Growing extends SizeNode {
  size: number;
  children: Growing[];
  bytes: number[];
  /** Children by kind and name. */
  byKey: Map<string, Growing>;
}

/** @param shown what counts; the other bytes are left out of every sum */
export function sizeTree(
  { sections, objects, leaves }: Sizes,
  shown: ReadonlySet<SizePart>,
  order: SizeOrder,
): SizeNode {
  const root = grow(undefined, 'folder', 'vmlinux');
  for (let leaf = 0; leaf < leaves.length; leaf++) {
    const section = sections[leaves.section[leaf]!]!;
    const kind = leafKinds[leaves.kind[leaf]!]!;
    const part = kind === 'padding' ? kind : section.class;
    if (!shown.has(part)) continue;
    const name = leaves.name[leaf]!;
    const object = objects[leaves.object[leaf]!];
    const place =
      order === 'section'
        ? child(root, 'section', section.name)
        : object === undefined
          ? child(root, 'rest', kind === 'padding' ? 'padding' : 'of no object file')
          : fileOf(root, object);
    // Padding of no file is told by section; the tables and strings of none by what they are.
    const label =
      object === undefined && order === 'source' && kind === 'padding' ? section.name : name;
    add(child(place, kind, label), leaves.size[leaf]!, sizeParts.indexOf(part));
  }
  sortDown(root);
  return root;
}

function fileOf(root: Growing, path: string): Growing {
  const words = path.split('/');
  const file = words.pop() ?? path;
  return child(
    words.reduce((folder, word) => child(folder, 'folder', word), root),
    'file',
    file,
  );
}

function child(parent: Growing, kind: SizeNode['kind'], name: string): Growing {
  const key = `${kind}:${name}`;
  const known = parent.byKey.get(key);
  if (known) return known;
  const made = grow(parent, kind, name);
  parent.byKey.set(key, made);
  parent.children.push(made);
  return made;
}

function grow(parent: Growing | undefined, kind: SizeNode['kind'], name: string): Growing {
  return {
    name,
    kind,
    parent,
    size: 0,
    children: [],
    bytes: sizeParts.map(() => 0),
    byKey: new Map(),
  };
}

function add(leaf: Growing, size: number, position: number): void {
  for (let node: Growing | undefined = leaf; node; node = node.parent as Growing | undefined) {
    node.size += size;
    node.bytes[position]! += size;
  }
}

function sortDown(node: Growing): void {
  node.children.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1));
  node.children.forEach(sortDown);
}

/** A node and those it is in, the outermost first. */
export function trail(node: SizeNode): SizeNode[] {
  return node.parent ? [...trail(node.parent), node] : [node];
}

/** Where the same place is in another tree of the same kernel, as far as it is there. */
export function samePlace(root: SizeNode, node: SizeNode): SizeNode {
  return trail(node)
    .slice(1)
    .reduce<SizeNode>(
      (at, { kind, name }) =>
        at.children.find((one) => one.kind === kind && one.name === name) ?? at,
      root,
    );
}

/** `kernel/sched/core.o` of a node; what no file has keeps its own words. */
export function pathOf(node: SizeNode): string {
  const [, ...names] = trail(node).map(({ name }) => name);
  return names.join('/');
}

/** How many bytes there are besides padding, and how many of them are of an object file that is known. */
export function attributed({ leaves }: Sizes): { bytes: number; of: number } {
  let [bytes, of] = [0, 0];
  for (let leaf = 0; leaf < leaves.length; leaf++) {
    if (leafKinds[leaves.kind[leaf]!] === 'padding') continue;
    of += leaves.size[leaf]!;
    if (leaves.object[leaf]! >= 0) bytes += leaves.size[leaf]!;
  }
  return { bytes, of };
}

/** What most of a node's bytes are. */
export function mainPart({ bytes }: SizeNode): SizePart {
  return sizeParts[bytes.indexOf(Math.max(...bytes))]!;
}
