/**
 * The states of the alignment: diagonals. On a diagonal each byte of the
 * flavour is held against the byte of the base a constant distance away; beside
 * the diagonals there is one state in which bytes are inserted. Costs are bits
 * of the recipe, estimated.
 */

export const costs = {
  /** A byte that is inserted. */
  inserted: 4.9,
  /** The first byte of a run that differs on a diagonal, and one after it. */
  firstWrong: 11,
  nextWrong: 6,
  /** A field that the address map does not predict. */
  wrongField: 19,
  /** A byte where the base has nothing to offer. */
  outside: 20,
  /** A new copy: on another diagonal, or on the one before the insertion. */
  copy: 12,
  sameDiagonal: 9,
};

/** What a copy costs more the farther its diagonal is from the one before. */
const distanceCost = (distance: number): number =>
  distance === 0 ? 0 : 4 + 1.5 * Math.log2(Math.abs(distance) + 1);

/** A state this much worse than the best is given up. */
const hopeless = 60;
const mostDiagonals = 16;

/** Decisions, linked backwards: at `at` a copy on `diagonal` began, after an insertion from `inserted`. */
class Decisions {
  #at = new Int32Array(1 << 16);
  #diagonal = new Int32Array(1 << 16);
  #inserted = new Int32Array(1 << 16);
  #before = new Int32Array(1 << 16);
  #count = 0;

  add(at: number, diagonal: number, inserted: number, before: number): number {
    if (this.#count === this.#at.length) this.#grow();
    const id = this.#count++;
    this.#at[id] = at;
    this.#diagonal[id] = diagonal;
    this.#inserted[id] = inserted;
    this.#before[id] = before;
    return id;
  }

  /** The copies that led to a decision, whose last one ends at `end`. */
  trace(last: number, end: number): { to: number; from: number; size: number }[] {
    const copies = [];
    let until = end;
    for (let id = last; id >= 0; id = this.#before[id]!) {
      const to = this.#at[id]!;
      if (until > to) copies.push({ to, from: to + this.#diagonal[id]!, size: until - to });
      until = this.#inserted[id]!;
    }
    return copies.reverse();
  }

  #grow(): void {
    const twice = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const more = new Int32Array(2 * array.length);
      more.set(array);
      return more;
    };
    this.#at = twice(this.#at);
    this.#diagonal = twice(this.#diagonal);
    this.#inserted = twice(this.#inserted);
    this.#before = twice(this.#before);
  }
}

export class Trellis {
  readonly #decisions = new Decisions();
  readonly diagonal = new Int32Array(mostDiagonals);
  readonly cost = new Float64Array(mostDiagonals);
  /** The last place where the diagonal was wrong. */
  readonly wrongAt = new Int32Array(mostDiagonals);
  readonly #decision = new Int32Array(mostDiagonals);
  count = 0;
  best = 0;

  /** The state of inserting: its cost, where it began, and from which state. */
  #insertCost = Infinity;
  #insertFrom = 0;
  #insertDiagonal = 0;
  #insertDecision = -1;

  constructor() {
    this.diagonal[0] = 0;
    this.wrongAt[0] = -100;
    this.#decision[0] = this.#decisions.add(0, 0, 0, -1);
    this.count = 1;
  }

  /** No diagonal was wrong just now, and to begin inserting later is cheaper than to have begun. */
  isSettled(at: number): boolean {
    this.findBest();
    for (let k = 0; k < this.count; k++) if (this.wrongAt[k]! >= at - 1) return false;
    return this.#insertCost > this.cost[this.best]!;
  }

  /** Where inserting must begin anew. */
  forgetInsertion(): void {
    this.#insertCost = Infinity;
  }

  findBest(): void {
    let best = 0;
    for (let k = 1; k < this.count; k++) if (this.cost[k]! < this.cost[best]!) best = k;
    this.best = best;
  }

  /** Makes a diagonal a state, if it is none and there is hope. */
  propose(at: number, diagonal: number): void {
    for (let k = 0; k < this.count; k++) if (this.diagonal[k] === diagonal) return;
    const copied = this.#costFromBest(diagonal);
    const inserted = this.#costFromInsertion(diagonal);
    const cost = Math.min(copied, inserted);
    let slot = this.count;
    if (slot === mostDiagonals) {
      slot = 0;
      for (let k = 1; k < this.count; k++) if (this.cost[k]! > this.cost[slot]!) slot = k;
      if (this.cost[slot]! < cost) return;
    } else {
      this.count++;
    }
    this.diagonal[slot] = diagonal;
    this.#enter(slot, at, cost, copied <= inserted);
    this.wrongAt[slot] = at - 1;
  }

  /** Lets a state that begins to fit be reached from the best one or from inserting. */
  reenter(at: number, k: number): void {
    const diagonal = this.diagonal[k]!;
    const copied = this.#costFromBest(diagonal);
    const inserted = this.#costFromInsertion(diagonal);
    const cost = Math.min(copied, inserted);
    if (this.cost[k]! > cost) this.#enter(k, at, cost, copied <= inserted);
  }

  #enter(k: number, at: number, cost: number, fromBest: boolean): void {
    this.cost[k] = cost;
    this.#decision[k] = fromBest
      ? this.#decisions.add(at, this.diagonal[k]!, at, this.#decision[this.best]!)
      : this.#decisions.add(at, this.diagonal[k]!, this.#insertFrom, this.#insertDecision);
  }

  #costFromBest(diagonal: number): number {
    const from = this.diagonal[this.best]!;
    return this.cost[this.best]! + costs.copy + distanceCost(diagonal - from);
  }

  #costFromInsertion(diagonal: number): number {
    const distance = diagonal - this.#insertDiagonal;
    if (distance === 0) return this.#insertCost + costs.sameDiagonal;
    return this.#insertCost + costs.copy + distanceCost(distance);
  }

  /** Inserts the byte at `at`; `before` is what the best state cost before it. */
  insert(at: number, before: number, best: number): void {
    if (this.#insertCost > before) {
      this.#insertCost = before;
      this.#insertFrom = at;
      this.#insertDiagonal = this.diagonal[best]!;
      this.#insertDecision = this.#decision[best]!;
    }
    this.#insertCost += costs.inserted;
  }

  /** Gives up what is hopeless, and keeps the costs small enough to be exact. */
  prune(): void {
    let least = Infinity;
    for (let k = 0; k < this.count; k++) if (this.cost[k]! < least) least = this.cost[k]!;
    for (let k = 0; k < this.count;) {
      if (this.cost[k]! <= least + hopeless) {
        k++;
        continue;
      }
      const last = --this.count;
      this.diagonal[k] = this.diagonal[last]!;
      this.cost[k] = this.cost[last]!;
      this.wrongAt[k] = this.wrongAt[last]!;
      this.#decision[k] = this.#decision[last]!;
    }
    if (least < 1e6) return;
    for (let k = 0; k < this.count; k++) this.cost[k]! -= least;
    this.#insertCost -= least;
  }

  finish(end: number): { to: number; from: number; size: number }[] {
    this.findBest();
    if (this.#insertCost < this.cost[this.best]!) {
      return this.#decisions.trace(this.#insertDecision, this.#insertFrom);
    }
    return this.#decisions.trace(this.#decision[this.best]!, end);
  }
}
