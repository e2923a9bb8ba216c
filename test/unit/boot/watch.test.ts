import { describe, expect, it } from 'vitest';
import type { SignKind } from '../../../engine/boot/console/signs.js';
import { endReason, type Sight } from '../../../engine/boot/watch.js';

const seen = (kind: SignKind, at: number) => [{ sign: { kind, line: kind }, at }];

function reason(sight: Partial<Sight>, request = {}): string | undefined {
  const now = sight.now ?? 60_000;
  const quiet = { now, lastByte: now, dead: false, consoleSize: 0, signs: [] };
  return endReason({ console: 'batch', ...request }, { ...quiet, ...sight });
}

describe('a guest is ended', () => {
  it.each<[string | undefined, string, Partial<Sight>, object]>([
    [undefined, 'never, without limits, while it works', {}, {}],
    ['timeout', 'at its timeout', { now: 1000 }, { timeout: 1000 }],
    [undefined, 'not before', { now: 999 }, { timeout: 1000 }],
    ['silence', 'after its silence', { lastByte: 50_000 }, { silence: 10_000 }],
    [undefined, 'not while it prints', { lastByte: 50_001 }, { silence: 10_000 }],
    [
      'settled',
      'when quiet after a panic',
      { lastByte: 58_000, signs: seen('kernel-panic', 1) },
      {},
    ],
    [undefined, 'not while it prints its trace', { signs: seen('kernel-oops', 59_000) }, {}],
    ['settled', 'ten seconds after an oops', { signs: seen('kernel-oops', 50_000) }, {}],
    [undefined, 'not when just done', { signs: seen('done', 40_000), lastByte: 40_000 }, {}],
    ['settled', 'when done long ago', { signs: seen('done', 30_000) }, {}],
    ['flood', 'when it prints too much', { consoleSize: 1001 }, { flood: 1000 }],
    ['dead', 'when nothing will wake it', { dead: true }, {}],
    [undefined, 'not when only quiet', { lastByte: 1 }, {}],
    [
      undefined,
      'not when someone reads its panic',
      { lastByte: 1, signs: seen('kernel-panic', 1) },
      { console: 'interactive' },
    ],
  ])('%s: %s', (expected, _what, sight, request) => {
    expect(reason(sight, request)).toBe(expected);
  });
});
