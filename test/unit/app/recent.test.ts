import { describe, expect, it } from 'vitest';
import { RecentItems, type KeptItem } from '../../../electron/main/recent.js';

const image = (digit: string): KeptItem => ({ image: digit.repeat(64), name: `image ${digit}` });

describe('recent items', () => {
  it('have the newest first, each once', () => {
    const kept: KeptItem[][] = [];
    const recent = new RecentItems([], (items) => kept.push(items));
    recent.add({ file: '/boot/vmlinuz-1' });
    recent.add(image('a'));
    recent.add({ file: '/boot/vmlinuz-1' });
    expect(recent.items.map(({ name, image: digest }) => [name, digest])).toEqual([
      ['vmlinuz-1', null],
      ['image a', 'a'.repeat(64)],
    ]);
    expect(kept.at(-1)).toEqual([{ file: '/boot/vmlinuz-1' }, image('a')]);
  });

  it('take the newest name of an image that was renamed', () => {
    const recent = new RecentItems([image('a')], () => undefined);
    recent.add({ image: 'a'.repeat(64), name: 'renamed' });
    expect(recent.items.map(({ name }) => name)).toEqual(['renamed']);
  });

  it('tell a window no path, and give a file for its id only', () => {
    const recent = new RecentItems(
      [{ file: '/secret/place/bzImage' }, image('a')],
      () => undefined,
    );
    expect(JSON.stringify(recent.items)).not.toContain('/secret');
    const [file, other] = recent.items;
    expect(recent.fileOf(file!.id)).toBe('/secret/place/bzImage');
    expect(recent.fileOf(other!.id)).toBeUndefined();
    expect(recent.fileOf('/secret/place/bzImage')).toBeUndefined();
  });

  it('have the same ids in the next run, so that a menu and a window agree', () => {
    const ids = (items: readonly KeptItem[]) =>
      new RecentItems(items, () => undefined).items[0]!.id;
    expect(ids([{ file: '/a' }])).toBe(ids([{ file: '/a' }, image('b')]));
    expect(ids([{ file: '/a' }])).not.toBe(ids([{ file: '/b/a' }]));
  });

  it('are twelve at most, and none once they are cleared', () => {
    let kept: KeptItem[] = [];
    const recent = new RecentItems([], (items) => (kept = items));
    for (let i = 0; i < 20; i++) recent.add({ file: `/k${i}` });
    expect(recent.items).toHaveLength(12);
    expect(recent.items[0]!.name).toBe('k19');
    recent.clear();
    expect(recent.items).toEqual([]);
    expect(kept).toEqual([]);
  });
});
