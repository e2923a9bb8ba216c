import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import type { RecentItem } from '../../engine/contract/app/shell.js';

/** What was opened: a kernel file that was imported from somewhere, or an image of the workspace. */
export const keptItem = z.union([
  z.strictObject({ file: z.string() }),
  z.strictObject({ image: z.string(), name: z.string() }),
]);
export type KeptItem = z.infer<typeof keptItem>;

const most = 12;

/**
 * What was opened last, the newest first. Paths stay in here: the window knows items by an id
 * and by name. Apart from shell.ts, since nothing in here needs Electron.
 */
export class RecentItems {
  readonly #changed: (items: KeptItem[]) => void;
  #items: KeptItem[];

  /** @param changed is told of each new list, to keep it */
  constructor(items: readonly KeptItem[], changed: (items: KeptItem[]) => void) {
    this.#items = [...items];
    this.#changed = changed;
  }

  get items(): RecentItem[] {
    return this.#items.map((item) => ({
      id: idOf(item),
      name: 'file' in item ? basename(item.file) : item.name,
      image: 'file' in item ? null : item.image,
    }));
  }

  /** Puts an item in front; what is too old goes. */
  add(item: KeptItem): void {
    const id = idOf(item);
    this.#set([item, ...this.#items.filter((other) => idOf(other) !== id)].slice(0, most));
  }

  clear(): void {
    this.#set([]);
  }

  /** Path of a file in the list; undefined for what is none. */
  fileOf(id: string): string | undefined {
    const item = this.#items.find((one) => idOf(one) === id);
    return item && 'file' in item ? item.file : undefined;
  }

  #set(items: KeptItem[]): void {
    this.#items = items;
    this.#changed(items);
  }
}

/** The same for the same thing, also in the app's next run, and no path. */
function idOf(item: KeptItem): string {
  const what = 'file' in item ? `file ${item.file}` : `image ${item.image}`;
  return createHash('sha256').update(what).digest('hex').slice(0, 16);
}
