import type { FileOffset } from '../units.js';
import type { Copy } from './copies.js';
import { fieldValue } from './fields.js';
import { FillRuns } from './fill.js';
import type { FileRange, LoadedRange } from './image.js';
import { Trellis, costs } from './trellis.js';
import { WindowIndex, isFill, windowSize, word } from './window-index.js';

/** How a byte of the base is compared. */
export const plain = 0;
export const fieldStart = 1;
export const insideField = 2;
/** Not to be copied from. */
export const excluded = 3;

export interface AlignBase {
  bytes: Uint8Array;
  /** As `bytes`, but with a token of its meaning in each address field: what is searched. */
  tokens: Uint8Array;
  cover: Uint8Array;
  kinds: Uint8Array;
  /** For each field, by its place, what its target is in the flavour, as far as is known. */
  mapped: Uint32Array;
}

export interface AlignFlavour {
  bytes: Uint8Array;
  tokens: Uint8Array;
  loaded: readonly LoadedRange[];
  /** Made otherwise: what a copy does there costs nothing. In order. */
  free: readonly FileRange[];
}

export interface AlignOptions {
  /** An earlier alignment, whose diagonals are tried again. */
  hints?: readonly Copy[];
  signal?: AbortSignal | undefined;
}

/**
 * Aligns the flavour with the base so that the recipe is short: for each byte
 * either a copy or an insertion. Viterbi's algorithm (1967) over diagonals:
 * those alive are followed byte by byte with what they cost so far, a switch
 * costs what a new copy costs, and a copy may be wrong here and there. New
 * diagonals are looked for where the best one fails: near by, by equal windows
 * anywhere, and where an earlier alignment went.
 */
export function align(base: AlignBase, flavour: AlignFlavour, options: AlignOptions = {}): Copy[] {
  const aligner = new Aligner(base, flavour, options.hints ?? []);
  return aligner.run(options.signal);
}

const nearby = 160;
/** For so long after a mismatch the search goes on. */
const restless = 24;
const chainLimit = 24;
const comparedAhead = 64;
/** So many are followed at once outside of fill. */
const fewBytes = 256;

class Aligner {
  readonly #base: AlignBase;
  readonly #flavour: AlignFlavour;
  readonly #hints: readonly Copy[];
  readonly #index: WindowIndex;
  readonly #baseFill: FillRuns;
  readonly #flavourFill: FillRuns;
  /** Where the base's longest run of each byte begins: a source of fill. */
  readonly #fill: Int32Array;
  readonly #trellis = new Trellis();
  /** What is added to an offset of the flavour to have its address, in the present range. */
  #toAddress = 0;
  #rangeEnd = 0;
  #hint = 0;
  #free = 0;
  #wrongAt = -100;

  constructor(base: AlignBase, flavour: AlignFlavour, hints: readonly Copy[]) {
    this.#base = base;
    this.#flavour = flavour;
    this.#hints = hints;
    this.#index = new WindowIndex(base.tokens);
    this.#baseFill = new FillRuns(base.bytes, base.cover);
    this.#flavourFill = new FillRuns(flavour.bytes);
    this.#fill = this.#baseFill.longest();
  }

  run(signal: AbortSignal | undefined): Copy[] {
    const end = this.#flavour.bytes.length;
    let check = 0;
    for (let at = 0; at < end;) {
      if (at >= check) {
        signal?.throwIfAborted();
        check = at + (1 << 20);
      }
      if (at >= this.#rangeEnd) this.#enterRange(at);
      const free = this.#flavour.free[this.#free];
      if (free && at >= free.offset) {
        // An insertion would store what another stage makes.
        this.#trellis.forgetInsertion();
        at = Math.max(at, free.offset + free.size);
        this.#free++;
        this.#wrongAt = at;
        continue;
      }
      if (at - this.#wrongAt >= restless && this.#trellis.isSettled(at)) {
        at = this.#follow(at, free?.offset ?? end);
      }
      if (at >= end || at >= this.#rangeEnd || at === free?.offset) continue;
      this.#step(at);
      at++;
    }
    return this.#trellis.finish(end);
  }

  #enterRange(at: FileOffset): void {
    const { loaded, bytes } = this.#flavour;
    const inside = loaded.find((l) => at >= l.offset && at < l.offset + l.size);
    const next = loaded.find((l) => l.offset > at);
    this.#toAddress = inside ? inside.address - inside.offset : 0;
    this.#rangeEnd = inside ? inside.offset + inside.size : (next?.offset ?? bytes.length);
  }

  /** Runs along all diagonals while they are right: nothing changes there. Most of it is fill. */
  #follow(from: FileOffset, limit: FileOffset): FileOffset {
    while (this.#hint < this.#hints.length && this.#hints[this.#hint]!.to < from) this.#hint++;
    const hint = this.#hints[this.#hint]?.to ?? Infinity;
    let end = Math.min(limit, this.#rangeEnd, this.#flavour.bytes.length, Math.max(from, hint));
    for (let k = 0; k < this.#trellis.count && end > from; k++) {
      end = this.#fitsUntil(this.#trellis.diagonal[k]!, from, end);
    }
    if (end > from) this.#trellis.forgetInsertion();
    return end;
  }

  #fitsUntil(diagonal: number, from: FileOffset, end: FileOffset): FileOffset {
    if (!this.#fits(from + diagonal, from)) return from;
    const fill = Math.min(
      this.#flavourFill.endAt(from),
      this.#baseFill.endAt(from + diagonal) - diagonal,
    );
    if (fill > from) return Math.min(fill, end);
    let at = from + 1;
    const last = Math.min(end, from + fewBytes);
    while (at < last && this.#fits(at + diagonal, at)) at++;
    return at;
  }

  #step(at: FileOffset): void {
    const trellis = this.#trellis;
    trellis.findBest();
    const best = trellis.best;
    const before = trellis.cost[best]!;
    const wrong = !this.#fits(at + trellis.diagonal[best]!, at);
    if (wrong) this.#wrongAt = at;
    while (this.#hint < this.#hints.length && this.#hints[this.#hint]!.to < at) this.#hint++;
    const hinted = this.#hints[this.#hint]?.to === at;
    if (
      (hinted || at - this.#wrongAt < restless) &&
      at + windowSize <= this.#flavour.bytes.length
    ) {
      this.#search(at, wrong, hinted);
    }
    for (let k = 0; k < trellis.count; k++) {
      if ((wrong || trellis.wrongAt[k] === at - 1) && this.#begins(at + trellis.diagonal[k]!, at)) {
        trellis.reenter(at, k);
      }
    }
    for (let k = 0; k < trellis.count; k++) this.#advance(k, at);
    trellis.insert(at, before, best);
    trellis.prune();
  }

  #advance(k: number, at: FileOffset): void {
    const trellis = this.#trellis;
    const from = at + trellis.diagonal[k]!;
    const { cover, bytes } = this.#base;
    if (from < 0 || from >= bytes.length || cover[from] === excluded) {
      trellis.cost[k]! += costs.outside;
    } else if (cover[from] === plain) {
      if (bytes[from] === this.#flavour.bytes[at]) return;
      trellis.cost[k]! += trellis.wrongAt[k] === at - 1 ? costs.nextWrong : costs.firstWrong;
      trellis.wrongAt[k] = at;
    } else if (cover[from] === fieldStart && !this.#fieldFits(from, at)) {
      trellis.cost[k]! += costs.wrongField;
    }
  }

  #fits(from: FileOffset, at: FileOffset): boolean {
    const { bytes, cover } = this.#base;
    if (from < 0 || from >= bytes.length) return false;
    const covered = cover[from];
    if (covered === plain) return bytes[from] === this.#flavour.bytes[at];
    return covered === insideField || (covered === fieldStart && this.#fieldFits(from, at));
  }

  /** As `fits`, but not in the middle of a field. */
  #begins(from: FileOffset, at: FileOffset): boolean {
    return from >= 0 && this.#base.cover[from] !== insideField && this.#fits(from, at);
  }

  #fieldFits(from: FileOffset, at: FileOffset): boolean {
    const { kinds, mapped } = this.#base;
    const expected = fieldValue(kinds[from]!, at + this.#toAddress, mapped[from]!) | 0;
    return at + 4 <= this.#flavour.bytes.length && expected === word(this.#flavour.bytes, at);
  }

  #search(at: FileOffset, wrong: boolean, hinted: boolean): void {
    const trellis = this.#trellis;
    const { tokens } = this.#flavour;
    const best = at + trellis.diagonal[trellis.best]!;
    const hint = this.#hints[hinted ? this.#hint : this.#hint - 1];
    if (hint) trellis.propose(at, hint.from - hint.to);
    if (isFill(tokens, at)) {
      this.#proposeFill(at);
      return;
    }
    if (word(tokens, at) !== 0) this.#searchNearby(at, best);
    if (wrong || (at - this.#wrongAt) % 4 === 0) this.#searchWindows(at, best);
  }

  #proposeFill(at: FileOffset): void {
    const run = this.#fill[this.#flavour.tokens[at]!]!;
    if (run >= 0) this.#trellis.propose(at, run - at);
  }

  #searchNearby(at: FileOffset, best: FileOffset): void {
    const { tokens } = this.#base;
    const wanted = this.#flavour.tokens;
    const first = wanted[at]!;
    const four = word(wanted, at);
    const two = wanted[at + 4]! | (wanted[at + 5]! << 8);
    const end = Math.min(tokens.length - 6, best + nearby);
    for (let from = Math.max(0, best - nearby); from < end; from++) {
      if (tokens[from] !== first || word(tokens, from) !== four) continue;
      if ((tokens[from + 4]! | (tokens[from + 5]! << 8)) === two) {
        this.#trellis.propose(at, from - at);
      }
    }
  }

  /** Proposes the longest match of the chain, and the one nearest to where we are. */
  #searchWindows(at: FileOffset, best: FileOffset): void {
    const { tokens } = this.#base;
    const wanted = this.#flavour.tokens;
    let longest = 0;
    let longestAt = 0;
    let nearest = Infinity;
    let nearestAt = 0;
    let tries = chainLimit;
    for (let from = this.#index.first(wanted, at); from >= 0 && tries > 0; tries--) {
      const limit = Math.min(comparedAhead, wanted.length - at, tokens.length - from);
      let length = 0;
      while (length < limit && tokens[from + length] === wanted[at + length]) length++;
      if (length >= windowSize) {
        const distance = Math.abs(from - best);
        if (length > longest || (length === longest && distance < Math.abs(longestAt - best))) {
          longest = length;
          longestAt = from;
        }
        if (distance < nearest) {
          nearest = distance;
          nearestAt = from;
        }
      }
      from = this.#index.after(from);
    }
    if (longest === 0) return;
    this.#trellis.propose(at, longestAt - at);
    if (nearestAt !== longestAt) this.#trellis.propose(at, nearestAt - at);
  }
}
