/**
 * Clients in tmux, each in a pane of its own.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { hasTmux, type Pane, type Tmux } from "../../tools/tmux.ts";
import { canRun, canWriteTemp } from "./permissions.ts";
import { launcherArguments } from "./processes.ts";

/** Whether a test may start clients in tmux, and tmux is there. */
export const canUseTmux: boolean = canRun && canWriteTemp && await hasTmux();

const ROOT = new URL("../..", import.meta.url).pathname;

/** Types a command, and one that keeps the terminal's modes to compare with. */
export async function startProgram(pane: Pane, command: readonly string[]): Promise<void> {
  await pane.enter(
    `cd '${ROOT}'; before="$(stty -a)"; clear; ${command.join(" ")}; echo "exit $?"`,
  );
}

/** The command that the task `client` runs. */
export const CLIENT: readonly string[] = [Deno.execPath(), ...launcherArguments("client")];

/** Types it. */
export async function startClient(pane: Pane, url: string, ...args: string[]): Promise<void> {
  await startProgram(pane, [...CLIENT, "--server", url, ...args]);
}

/** Two clients that have met. */
export async function meet(tmux: Tmux, url: string): Promise<[alice: Pane, bob: Pane]> {
  const [alice, bob] = [await tmux.open(80, 24), await tmux.open(80, 24)];
  await startClient(alice, url, "--name", "Alice");
  await startClient(bob, url, "--name", "Bob");
  await alice.until("to (unverified) Bob>");
  await bob.until("to (unverified) Alice>");
  return [alice, bob];
}

/** All of what `stty -a` says is as it was before the program. */
export async function assertSaneTerminal(pane: Pane): Promise<void> {
  await pane.enter(
    `clear; [ "$before" = "$(stty -a)" ] && echo modes the same || { echo modes: "$before"; stty -a; }`,
  );
  const [, modes] = await pane.until(/^modes:? ([^$]*)/m);
  assertEquals(modes!.trim(), "the same");
}
