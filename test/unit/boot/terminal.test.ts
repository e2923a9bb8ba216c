import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createEscapeFilter } from '../../../engine/boot/escapes.js';
import { attachTerminal, createKeyFilter } from '../../../engine/boot/terminal.js';
import type { BootResult, Guest } from '../../../engine/boot/types.js';
import { bytes, text } from './support.js';

describe('the escape filter', () => {
  const filtered = (from: string): string => text(createEscapeFilter().push(bytes(from)));

  it.each([
    ['text, colours, cursor and UTF-8', '\x1b[1;31mrot\x1b[0m\x1b[2J\x1b[H\x1b7ü€°\r\n', undefined],
    ['cursor keys mode', '\x1b[?1h\x1b[?25l', undefined],
    ['a clipboard write (OSC 52)', 'a\x1b]52;c;ZXZpbA==\x07b', 'ab'],
    ['a link (OSC 8), ended by ST', 'a\x1b]8;;http://x\x1b\\b', 'ab'],
    ['a key definition (DCS)', 'a\x1bP0;1|17/17\x1b\\b', 'ab'],
    ['a title report (CSI 21 t)', 'a\x1b[21tb', 'ab'],
    ['mouse reports among other modes', 'a\x1b[?25;1006hb', 'ab'],
    ['the alternate screen', 'a\x1b[?1049hb', 'ab'],
    ['C1 controls in UTF-8', 'a\u009d52;b', 'a52;b'],
    ['a string that a line break ends', 'a\x1b]0;x\nb', 'ab'],
    ['an endless CSI sequence', `a\x1b[${'1;'.repeat(100)}`, undefined],
  ])('%s', (what, from, to) => {
    if (what.startsWith('an endless')) expect(filtered(from).includes('\x1b')).toBe(false);
    else expect(filtered(from)).toBe(to ?? from);
  });

  it('gives the same however the bytes are cut', () => {
    const from = bytes('ü\x1b[31mx\x1b]52;c;Y\x1b\\y\x1b[?1049hz\x1b\x1b[1mé');
    const filter = createEscapeFilter();
    const out = [...from].map((byte) => filter.push(Uint8Array.of(byte)));
    expect(text(Buffer.concat(out))).toBe(text(createEscapeFilter().push(from)));
  });
});

describe('the key filter', () => {
  function typed(...chunks: string[]): string {
    let log = '';
    const keys = createKeyFilter({
      send: (sent) => (log += text(sent)),
      quit: () => (log += '<quit>'),
      help: () => (log += '<help>'),
    });
    for (const chunk of chunks) keys(bytes(chunk));
    return log;
  }

  it.each([
    [['ls\r', '\x03'], 'ls\r\x03'],
    [['\x01x'], '<quit>'],
    [['\x01', 'x'], '<quit>'],
    [['\x01\x01'], '\x01'],
    [['\x01', '\x01', 'x'], '\x01x'],
    [['\x01h'], '<help>'],
    [['\x01b'], '\x01b'],
  ])('%j gives %j', (chunks, expected) => expect(typed(...chunks)).toBe(expected));
});

describe('attachTerminal', () => {
  /** The guest's side of the interface, driven by the test. */
  function scriptedGuest() {
    const console = new EventEmitter();
    const log: string[] = [];
    let finish: (result: BootResult) => void;
    const done = new Promise<BootResult>((resolve) => (finish = resolve));
    const result = { outcome: 'cancelled' } as BootResult;
    const guest: Guest = {
      pid: 1,
      command: undefined as never,
      done,
      onConsole(listener) {
        console.on('bytes', listener);
        return () => console.off('bytes', listener);
      },
      write: (sent) => log.push(text(sent)),
      pause: () => log.push('<pause>'),
      resume: () => log.push('<resume>'),
      stop: () => {
        finish(result);
        return Promise.resolve();
      },
    };
    return { guest, log, print: (what: string) => console.emit('bytes', bytes(what)) };
  }

  function rawInput() {
    const modes: boolean[] = [];
    const setRawMode = (mode: boolean) => modes.push(mode);
    return { input: Object.assign(new PassThrough(), { isTTY: true, setRawMode }), modes };
  }

  it('passes keys and text, quits at Ctrl-A x, and puts the terminal back', async () => {
    const { guest, log, print } = scriptedGuest();
    const { input, modes } = rawInput();
    const output = new PassThrough();
    const attached = attachTerminal(guest, input, output);
    print('login: \x1b]52;c;x\x07');
    input.write('root\r');
    await new Promise(setImmediate);
    input.write('\x01x');
    expect((await attached).outcome).toBe('cancelled');
    expect(log).toEqual(['root\r']);
    expect(modes).toEqual([true, false]);
    const shown = text(output.read() as Uint8Array);
    expect(shown).toMatch(/^Ctrl-A x ends the guest.*\r\nlogin: /);
    expect(shown).not.toContain('52;c');
    expect(process.listenerCount('exit')).toBe(0);
  });

  it('holds the guest while the terminal is slow', async () => {
    const { guest, log, print } = scriptedGuest();
    const output = new PassThrough({ highWaterMark: 100 });
    const attached = attachTerminal(guest, new PassThrough(), output);
    print('x'.repeat(200));
    expect(log).toEqual(['<pause>']);
    output.resume();
    await new Promise((drained) => output.once('drain', drained));
    expect(log).toEqual(['<pause>', '<resume>']);
    await guest.stop();
    await attached;
  });
});
