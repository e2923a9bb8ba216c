/**
 * Guest output on its way to a real terminal. Cursor movement and colours pass;
 * what could write to the clipboard, make links, set titles, draw images, or
 * change what the terminal itself sends does not: OSC, DCS, APC, PM and SOS
 * strings, window reports (CSI t), the modes below, and every C1 control
 * (ECMA-48; XTerm Control Sequences). A sequence may be split over chunks.
 * UTF-8 passes.
 */
export interface EscapeFilter {
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
}

const esc = 0x1b;
/** Introducers of control strings, as the byte after ESC: P X ] ^ _ */
const stringStarts = new Set([0x50, 0x58, 0x5d, 0x5e, 0x5f]);
/** Longest CSI sequence that passes; a longer one is dropped. */
const csiLimit = 64;

/**
 * Private modes (CSI ? n h) that do not pass: alternate screens, which would
 * stay when the guest is killed; mouse, focus and paste reports.
 */
const refusedModes = new Set(
  [47, 1047, 1048, 1049, 9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004].map(String),
);

type State = 'text' | 'c1' | 'escape' | 'csi' | 'string' | 'stringEscape';

export function createEscapeFilter(): EscapeFilter {
  let state: State = 'text';
  let held: number[] = [];

  const step = (byte: number, out: number[]): void => {
    switch (state) {
      case 'text':
        if (byte === esc) state = 'escape';
        // 0xc2 begins U+0080..U+00BF in UTF-8, of which the first 32 are C1 controls.
        else if (byte === 0xc2) state = 'c1';
        else out.push(byte);
        return;
      case 'c1':
        state = 'text';
        if (byte >= 0x80 && byte < 0xa0) return;
        out.push(0xc2);
        step(byte, out);
        return;
      case 'escape':
        if (byte === 0x5b) {
          state = 'csi';
          held = [esc, byte];
        } else if (stringStarts.has(byte)) state = 'string';
        else if (byte !== esc) {
          state = 'text';
          out.push(esc, byte);
        }
        return;
      case 'csi':
        if (byte === esc || held.length > csiLimit) {
          state = byte === esc ? 'escape' : 'text';
          return;
        }
        held.push(byte);
        if (byte < 0x40 || byte > 0x7e) return;
        state = 'text';
        if (passes(held)) out.push(...held);
        return;
      case 'string':
        // BEL or ESC \ ends a string; a line break ends one that was never meant to be one.
        if (byte === esc) state = 'stringEscape';
        else if (byte === 0x07 || byte === 0x0a) state = 'text';
        return;
      case 'stringEscape':
        state = 'text';
        if (byte === 0x5c) return;
        state = 'escape';
        step(byte, out);
    }
  };

  return {
    push(bytes) {
      const out: number[] = [];
      for (const byte of bytes) step(byte, out);
      return Uint8Array.from(out);
    },
  };
}

function passes(csi: number[]): boolean {
  const text = String.fromCharCode(...csi);
  if (text.endsWith('t')) return false;
  const modes = /^\?([\d;]*)[hl]$/.exec(text.slice(2))?.[1]?.split(';') ?? [];
  return !modes.some((mode) => refusedModes.has(mode.replace(/^0+/, '')));
}
