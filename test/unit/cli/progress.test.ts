import { PassThrough } from 'node:stream';
import pc from 'picocolors';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { clock, createProgress, type ProgressView } from '../../../engine/cli/progress.js';

const esc = '\u001b';

/** A view on a stream of its own, with a clock that the test sets. */
function view(
  tty: boolean,
  verbose = false,
  clockOf?: () => number,
): { at(s: number): void; view: ProgressView; text(): string } {
  const stream = Object.assign(new PassThrough(), { isTTY: tty, columns: 70, rows: 24 });
  let now = 0;
  const options = { colours: pc.createColors(false), verbose, now: clockOf ?? (() => now) };
  return {
    at: (seconds) => (now = seconds * 1000),
    view: createProgress(stream as never, options),
    text: () => (stream.read() as Buffer | null)?.toString() ?? '',
  };
}

describe('a log, where there is no terminal', () => {
  it('has a line at the start, one every ten seconds, and one at the end', () => {
    const { at, view: log, text } = view(false);
    log.listener({ kind: 'start', job: 'b', title: 'build native', expected: 200_000 });
    for (let second = 1; second <= 25; second++) {
      at(second);
      log.listener({ kind: 'step', job: 'b', detail: `CC f${second}.o`, done: second, total: 100 });
    }
    log.listener({ kind: 'line', job: 'b', text: 'not shown' });
    log.listener({ kind: 'end', job: 'b', result: 'done', detail: 'native-6.1' });
    expect(text().split('\n')).toEqual([
      'build native ... (expected 3:20)',
      'build native: 0:10 10/100 CC f10.o',
      'build native: 0:20 20/100 CC f20.o',
      'build native: done 0:25  native-6.1',
      '',
    ]);
  });

  it('has its lines also when the work has nothing to say', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { view: log, text } = view(false, false, Date.now);
    log.listener({ kind: 'start', job: 'b', title: 'build native' });
    vi.advanceTimersByTime(4_000);
    log.listener({ kind: 'step', job: 'b', detail: 'waiting for process 7' });
    vi.advanceTimersByTime(21_000);
    log.listener({ kind: 'end', job: 'b', result: 'cached' });
    vi.advanceTimersByTime(60_000);
    expect(text().split('\n')).toEqual([
      'build native ...',
      'build native: 0:10 waiting for process 7',
      'build native: 0:20 waiting for process 7',
      'build native: cached',
      '',
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("shows the work's own lines when verbose, without control characters", () => {
    const { view: log, text } = view(false, true);
    log.listener({ kind: 'line', job: 'b', text: `gcc ${esc}[2J says` });
    expect(text()).toBe('gcc \ufffd[2J says\n');
  });
});

describe('live lines on a terminal', () => {
  it('keeps what ended, and fits the width of the terminal', async () => {
    const { at, view: live, text } = view(true);
    live.listener({ kind: 'start', job: 'b', title: 'build native', expected: 100_000 });
    at(50);
    live.listener({
      kind: 'step',
      job: 'b',
      detail: `CC ${'long/'.repeat(30)}`,
      done: 812,
      total: 1460,
    });
    await new Promise((resolve) => setTimeout(resolve, 250));
    const drawn = text();
    expect(drawn).toContain('build native  ███████████─────────  0:50 / ~1:40  812/1460 CC long/');
    const lines = drawn.replaceAll(new RegExp(`${esc}\\[[0-9;?]*[A-Za-z]`, 'g'), '').split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(70);
    live.listener({ kind: 'end', job: 'b', result: 'cached' });
    live.stop();
    expect(text()).toContain('build native: cached\n');
  });
});

it('writes durations as clocks do', () => {
  expect([0, 7_400, 754_000, 3_723_000].map(clock)).toEqual(['0:00', '0:07', '12:34', '1:02:03']);
});
