/**
 * A set of states that only grows: each is a few small numbers, and has a place by which it can be named.
 *
 * Millions of them have to fit, so they lie in one typed array, behind a hash table with open addressing.
 */

const FIRST_CAPACITY = 1024;

export class StateStore {
  readonly #width: number;
  #words: Uint32Array;
  #parents: Uint32Array;
  #depths: Uint16Array;
  /** Place plus one, or 0 for an empty slot. Twice as many slots as states, so that runs stay short. */
  #slots: Uint32Array;
  #size = 0;

  constructor(width: number) {
    this.#width = width;
    this.#words = new Uint32Array(FIRST_CAPACITY * width);
    this.#parents = new Uint32Array(FIRST_CAPACITY);
    this.#depths = new Uint16Array(FIRST_CAPACITY);
    this.#slots = new Uint32Array(FIRST_CAPACITY * 2);
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Puts a state in.
   *
   * @param parent the place of the state that led here; the first state is its own
   * @returns whether it is new; then its place is the last one
   */
  add(state: ArrayLike<number>, parent: number): boolean {
    if (this.#size === this.#parents.length) this.#grow();
    const slot = this.#slotOf(state);
    if (this.#slots[slot] !== 0) return false;
    const from = this.#size * this.#width;
    for (let i = 0; i < this.#width; i++) this.#words[from + i] = state[i]!;
    this.#parents[this.#size] = parent;
    this.#depths[this.#size] = this.#size === parent ? 0 : this.#depths[parent]! + 1;
    this.#slots[slot] = ++this.#size;
    return true;
  }

  /** The state at a place. It is a view: whoever keeps it copies it. */
  at(place: number): Uint32Array {
    return this.#words.subarray(place * this.#width, (place + 1) * this.#width);
  }

  depthOf(place: number): number {
    return this.#depths[place]!;
  }

  /** The places of the states that led to the one at `place`, from the first on, and its own. */
  pathTo(place: number): number[] {
    const path = [place];
    while (this.depthOf(path[0]!) > 0) path.unshift(this.#parents[path[0]!]!);
    return path;
  }

  /** Where a state is, or would be. */
  #slotOf(state: ArrayLike<number>): number {
    const mask = this.#slots.length - 1;
    let slot = hash(state) & mask;
    for (;; slot = slot + 1 & mask) {
      const place = this.#slots[slot]! - 1;
      if (place < 0 || this.#equals(place, state)) return slot;
    }
  }

  #equals(place: number, state: ArrayLike<number>): boolean {
    const from = place * this.#width;
    for (let i = 0; i < this.#width; i++) if (this.#words[from + i] !== state[i]) return false;
    return true;
  }

  #grow(): void {
    const capacity = this.#parents.length * 2;
    this.#words = grown(this.#words, capacity * this.#width);
    this.#parents = grown(this.#parents, capacity);
    const depths = this.#depths;
    this.#depths = new Uint16Array(capacity);
    this.#depths.set(depths);
    this.#slots = new Uint32Array(capacity * 2);
    for (let place = 0; place < this.#size; place++) {
      this.#slots[this.#slotOf(this.at(place))] = place + 1;
    }
  }
}

function grown(numbers: Uint32Array, length: number): Uint32Array {
  const longer = new Uint32Array(length);
  longer.set(numbers);
  return longer;
}

/** FNV-1a over the numbers, with murmur's last mix, because they differ in their low bits. */
function hash(state: ArrayLike<number>): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < state.length; i++) h = Math.imul(h ^ state[i]!, 0x01000193);
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}
