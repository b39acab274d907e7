/**
 * Alerts a person that looks elsewhere, once until they look here again: a peer is not to ring for as long as it likes.
 *
 * @module
 */

/** The person's attention, as far as the terminal tells of it. */
export class Attention {
  readonly #alert: () => void;
  /** Whether the person looks here; `null` where the terminal does not say. */
  #isHere: boolean | null = null;
  #isAlerted = false;

  /** @param alert rings, or whatever the person wants */
  constructor(alert: () => void) {
    this.#alert = alert;
  }

  /** Something has come that the person should see. */
  want(): void {
    if (this.#isHere === true || this.#isAlerted) return;
    this.#isAlerted = true;
    this.#alert();
  }

  /** The window has got the focus, or lost it. */
  focus(isHere: boolean): void {
    this.#isHere = isHere;
    this.#isAlerted = false;
  }

  /** The person has typed something. */
  typed(): void {
    if (this.#isHere === null) this.#isAlerted = false;
  }
}
