/**
 * A terminal with a person in front of it: tmux runs programs in panes of a given size, types, and reads screens.
 * For tests and for the pictures in docs/.
 *
 * @module
 */

/** How long a screen may take to show what is waited for, in milliseconds. */
const PATIENCE = 60_000;

/** How often a screen is looked at, in milliseconds; tmux has no event for "the screen changed". */
const LOOK = 30;

/** Whether tmux is there. Needs permission to run it. */
export async function hasTmux(): Promise<boolean> {
  try {
    return (await new Deno.Command("tmux", { args: ["-V"], stdout: "null", stderr: "null" })
      .output())
      .success;
  } catch {
    return false;
  }
}

/** A tmux server of its own, which goes when it is disposed of. */
export class Tmux implements AsyncDisposable {
  readonly #socket = `parley-${crypto.randomUUID()}`;
  #panes = 0;

  /**
   * Opens a window with a shell in it.
   *
   * @param columns its width
   * @param rows its height
   */
  async open(columns: number, rows: number): Promise<Pane> {
    const name = `w${this.#panes++}`;
    const size = ["-x", String(columns), "-y", String(rows)];
    await this.run("new-session", "-d", "-s", name, ...size, "env PS1='$ ' LANG=C.UTF-8 sh");
    await this.run("set-option", "-t", name, "status", "off");
    return new Pane(this, name);
  }

  /** Runs one tmux command and gives its output. */
  async run(...args: string[]): Promise<string> {
    const command = new Deno.Command("tmux", {
      // -u: UTF-8 whatever the locale; -f: nobody's settings.
      args: ["-u", "-L", this.#socket, "-f", "/dev/null", ...args],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const { success, stdout, stderr } = await command.output();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  /** Ends every program in every window. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("kill-server").catch(() => {});
  }
}

/** One window. */
export class Pane {
  readonly #tmux: Tmux;
  readonly #name: string;

  /** A window by its name. */
  constructor(tmux: Tmux, name: string) {
    this.#tmux = tmux;
    this.#name = name;
  }

  /** Types characters. */
  async type(text: string): Promise<void> {
    await this.#tmux.run("send-keys", "-t", this.#name, "-l", "--", text);
  }

  /** Presses keys by their tmux names, for example `Enter` or `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux.run("send-keys", "-t", this.#name, ...keys);
  }

  /** Types a line and presses Enter. */
  async enter(line: string): Promise<void> {
    if (line !== "") await this.type(line);
    await this.press("Enter");
  }

  /** Pastes as a terminal does, bracketed where the program asked for it. */
  async paste(text: string): Promise<void> {
    await this.#tmux.run("set-buffer", "-b", this.#name, "--", text);
    await this.#tmux.run("paste-buffer", "-p", "-r", "-b", this.#name, "-t", this.#name);
  }

  /** Types lines faster than anybody can, an Enter behind each. */
  async enterAll(lines: readonly string[]): Promise<void> {
    const text = lines.map((line) => `${line}\n`).join("");
    await this.#tmux.run("set-buffer", "-b", this.#name, "--", text);
    // Without -r each newline becomes a carriage return, which is what Enter sends.
    await this.#tmux.run("paste-buffer", "-b", this.#name, "-t", this.#name);
  }

  /** Changes the window's size. */
  async resize(columns: number, rows: number): Promise<void> {
    const size = ["-x", String(columns), "-y", String(rows)];
    await this.#tmux.run("resize-window", "-t", this.#name, ...size);
  }

  /** The visible screen, without the empty lines at its end. */
  async screen(): Promise<string> {
    return (await this.#tmux.run("capture-pane", "-p", "-t", this.#name)).trimEnd();
  }

  /** The visible screen with its colours. */
  async colouredScreen(): Promise<string> {
    return (await this.#tmux.run("capture-pane", "-p", "-e", "-t", this.#name)).trimEnd();
  }

  /** Everything that was shown, lines that the terminal wrapped joined again. */
  async history(): Promise<string> {
    const all = ["capture-pane", "-p", "-J", "-S", "-", "-t", this.#name];
    return (await this.#tmux.run(...all)).trimEnd();
  }

  /**
   * Waits until the whole history has what is looked for.
   *
   * @returns what matched
   */
  async until(wanted: string | RegExp): Promise<RegExpMatchArray> {
    const pattern = typeof wanted === "string" ? new RegExp(RegExp.escape(wanted)) : wanted;
    for (const end = Date.now() + PATIENCE;;) {
      const history = await this.history();
      const match = history.match(pattern);
      if (match !== null) return match;
      if (Date.now() > end) throw new Error(`${pattern} never came:\n${history}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }
}
