import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { Acknowledger } from './acknowledge.js';
import { textOf } from './buffer-text.js';
import { followTheme, matchColours } from './palette.js';

/** Lines above the screen that are kept: some ten boots. The host keeps the whole log. */
const scrollback = 10_000;
/** Matches that are marked and counted; a search in a flood must not cost more. */
const highlightLimit = 1_000;
/** Control strings that neither the engine's filter nor xterm lets through: links, clipboard. */
const refusedStrings = [8, 52];

/** What a search found: which match is selected (from 1; 0 beyond the limit), of how many. */
export interface Found {
  at: number;
  of: number;
  /** There are more than were counted. */
  more: boolean;
}

export interface TerminalEvents {
  /** Typed or pasted, or the terminal's answer to a question of the guest. */
  typed(bytes: Uint8Array<ArrayBuffer>): void;
  acknowledged(characters: number): void;
  resized(columns: number, rows: number): void;
  /** A key that is the screen's, not the guest's. */
  find(): void;
  found(found: Found): void;
}

/** A terminal on a stream of a guest. It outlives the views that show it. */
export class GuestTerminal {
  readonly #terminal = new Terminal({
    ...{ scrollback, fontFamily: "'JetBrains Mono', monospace", fontSize: 12 },
    // A serial console sends CR LF by itself; the lab's notes do not.
    ...{ convertEol: true, minimumContrastRatio: 4.5, linkHandler: null },
    // Firmware clears the screen; what stood there was the boot before.
    scrollOnEraseInDisplay: true,
    // Marks of matches are decorations, which xterm still calls proposed.
    allowProposedApi: true,
  });
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon({ highlightLimit });
  readonly #acknowledger: Acknowledger;
  readonly #box = document.createElement('div');
  readonly #stopTheme: () => void;
  #hasBooted = false;
  /** The words that are marked now. */
  #sought = '';

  constructor(events: TerminalEvents) {
    const terminal = this.#terminal;
    this.#box.style.height = '100%';
    this.#acknowledger = new Acknowledger(events.acknowledged);
    this.#stopTheme = followTheme((theme) => {
      terminal.options.theme = theme;
      // What is marked is marked in the colours of the other theme.
      if (this.#sought !== '') this.find(this.#sought, 'next', { incremental: true });
    });
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    for (const code of refusedStrings) terminal.parser.registerOscHandler(code, () => true);
    terminal.onData((text) => events.typed(new TextEncoder().encode(text)));
    terminal.onBinary((text) => events.typed(Uint8Array.from(text, (one) => one.charCodeAt(0))));
    terminal.onResize(({ cols, rows }) => events.resized(cols, rows));
    terminal.attachCustomKeyEventHandler((event) => this.#isForGuest(event, events));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      events.found({
        at: resultIndex + 1,
        of: resultCount,
        more: resultCount >= highlightLimit,
      }),
    );
  }

  /** Shows it in a view; returns what takes it out again. */
  attach(view: HTMLElement): () => void {
    view.append(this.#box);
    // Opened only now: xterm measures its font in the document.
    if (!this.#terminal.element) this.#terminal.open(this.#box);
    const observer = new ResizeObserver(() => this.#fit.fit());
    observer.observe(view);
    this.#fit.fit();
    return () => {
      observer.disconnect();
      this.#box.remove();
    };
  }

  write(bytes: Uint8Array): void {
    this.#terminal.write(bytes, () => this.#acknowledger.taken(bytes.length));
  }

  /**
   * Another boot begins. What the boot before printed stays above the note: a panic is what
   * one resets from, and wants to read.
   */
  restart(note: string): void {
    this.#acknowledger.restart();
    const isFirst = !this.#hasBooted;
    this.#hasBooted = true;
    const [softReset, dim, plain] = ['\x1b[!p\x1b[r\x1b[0m\x1b[999;1H', '\x1b[2m', '\x1b[0m'];
    if (isFirst) return;
    this.#terminal.write(`${softReset}\n\n${dim}${note}${plain}\n`);
    this.#terminal.scrollToBottom();
  }

  /** Looks for words, selects a match and scrolls to it; `found` tells which. */
  find(words: string, direction: 'next' | 'previous', { incremental = false } = {}): void {
    this.#sought = words;
    const options = { decorations: matchColours(), incremental };
    if (direction === 'next') this.#search.findNext(words, options);
    else this.#search.findPrevious(words, options);
  }

  /** No match is marked any more; the selected one stays selected. */
  endFind(): void {
    this.#sought = '';
    this.#search.clearDecorations();
  }

  /** Everything that the terminal still has, as text. */
  get text(): string {
    return textOf(this.#terminal.buffer.normal);
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    this.#stopTheme();
    this.#terminal.dispose();
    this.#box.remove();
  }

  /** Every key is the guest's, Ctrl+C and Ctrl+K too, but for those by which one leaves it. */
  #isForGuest(event: KeyboardEvent, events: TerminalEvents): boolean {
    if (!event.ctrlKey || event.altKey || event.metaKey) return true;
    // Left to the window: Ctrl+1, Ctrl+2 ... change the screen.
    if (!event.shiftKey) return !/^[0-9]$/.test(event.key);
    const key = event.key.toUpperCase();
    // The menu's paste; the terminal hears of it as a paste event.
    if (key === 'V') return false;
    if (key !== 'C' && key !== 'F') return true;
    event.preventDefault();
    if (event.type !== 'keydown') return false;
    if (key === 'F') events.find();
    else if (this.selection !== '') void window.shell.copyText(this.selection);
    return false;
  }
}
