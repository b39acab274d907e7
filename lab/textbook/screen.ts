/**
 * A terminal that obeys: lines, and the few escape sequences that the plays send. Enough to see what a person would
 * have seen.
 *
 * @module
 */

// deno-lint-ignore no-control-regex -- these are the characters that a terminal obeys
const TOKENS = /\x1b\[(?<count>\d*)(?<command>[AKJH])|\x1b\][^\x07]*\x07|[\r\n]|[^\x1b\r\n]+|\x1b/g;

// deno-lint-ignore no-control-regex -- the same, and marks that turn a line around
const OBEYED = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

/** Whether a text holds anything that a terminal would obey, line breaks aside. */
export function hasEscapes(text: string): boolean {
  return OBEYED.test(text);
}

/** The screen of one person. */
export class Screen {
  readonly #rows: string[] = [""];
  #row = 0;
  #column = 0;

  /** Writes, and obeys. */
  write(text: string): void {
    for (const { 0: token, groups } of text.matchAll(TOKENS)) {
      if (groups?.command !== undefined) this.#obey(groups.command, Number(groups.count));
      else if (token === "\r") this.#column = 0;
      else if (token === "\n") this.#moveTo(this.#row + 1);
      else if (!token.startsWith("\x1b")) this.#put(token);
    }
  }

  /** What is to be read, row by row. */
  get rows(): string[] {
    return this.#rows.filter((row) => row !== "");
  }

  #put(text: string): void {
    const row = this.#rows[this.#row]!.padEnd(this.#column);
    this.#rows[this.#row] = row.slice(0, this.#column) + text +
      row.slice(this.#column + text.length);
    this.#column += text.length;
  }

  #moveTo(row: number): void {
    this.#row = Math.max(row, 0);
    this.#column = 0;
    while (this.#rows.length <= this.#row) this.#rows.push("");
  }

  #obey(command: string, count: number): void {
    const column = this.#column;
    if (command === "A") {
      this.#moveTo(this.#row - Math.max(count, 1));
      this.#column = column;
    } else if (command === "K") {
      this.#rows[this.#row] = count === 2 ? "" : this.#rows[this.#row]!.slice(0, column);
    } else if (command === "J") this.#rows.fill("");
    else this.#moveTo(0);
  }
}
