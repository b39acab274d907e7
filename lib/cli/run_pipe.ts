/**
 * Runs a client whose input or output is no terminal.
 *
 * @module
 */
import { EventStream } from "../conversation/events.ts";
import { saveTranscript } from "../conversation/transcript_store.ts";
import type { ExitCode } from "../errors.ts";
import { JsonView } from "../pipe/json_view.ts";
import { linesUntilExit, type PipeInput, readLines, takeFirstLine } from "../pipe/lines.ts";
import { PipeClient } from "../pipe/pipe_client.ts";
import { type LineWriter, PipeView } from "../pipe/pipe_view.ts";
import { readScript } from "../pipe/script_input.ts";
import { parseInvite } from "../protocol/invite.ts";
import { asciiText, safeText } from "../safe_text.ts";
import type { ClientOptions } from "./client_options.ts";
import { lineWriter, type Stdio, type System } from "./system.ts";
import { chooseMeetingPoint, openClient, openIdentity } from "./wiring.ts";

/** Runs until everything is said, or an error ends it. */
export async function runPipe(options: ClientOptions, system: System): Promise<ExitCode> {
  const events = new EventStream();
  const closed = Promise.withResolvers<void>();
  // A reader that has enough closes the pipe, as `head` does: then there is nobody to go on for.
  const out = lineWriter(system.stdio.out, (error) => {
    if (error === null) closed.resolve();
    else events.report({ type: "error", error });
  });
  const view = viewOf(options, out, system.stdio);
  events.subscribe((event) => view.show(event));
  const stopped = Promise.race([system.interruption(), closed.promise]);
  const read = options.jsonInput ? readScript : readLines;
  const input: AsyncGenerator<PipeInput, void, undefined> = read(system.stdio.input.readable);
  if (options.classic !== null) {
    const { openClassicClient } = await import("./classic_client.ts");
    const { conversation, connect } = await openClassicClient(
      options,
      options.classic,
      system,
      events,
    );
    const client = new PipeClient({ conversation, events, save: null });
    connect();
    return await client.run(linesUntilExit(input), stopped);
  }
  return await runParley(options, input, system, events, stopped);
}

async function runParley(
  options: ClientOptions,
  input: AsyncGenerator<PipeInput, void, undefined>,
  system: System,
  events: EventStream,
  stopped: Promise<void>,
): Promise<ExitCode> {
  const me = await openIdentity(options, null, system, events);
  let rest: AsyncIterable<PipeInput> = input;
  const place = await chooseMeetingPoint(options, system.random, async () => {
    const taken = await takeFirstLine(input);
    rest = taken.rest;
    return parseInvite(taken.first ?? "");
  });
  // Nobody can be asked here but a script.
  const acceptance = options.acceptance === "ask" && !options.jsonInput
    ? "none"
    : options.acceptance;
  const { patience, sendFile, wait, timeout } = options;
  const { conversation, admission, explainer, connect } = await openClient(
    { ...options, acceptance },
    me,
    place,
    system,
    events,
    { canAsk: false, patience },
  );
  const client = new PipeClient({
    conversation,
    events,
    save: saveTranscript,
    verified: (facts) => admission.verify(facts),
    after: acceptance === "all" ? system.after : undefined,
  });
  connect();
  if (sendFile !== null) await conversation.sendFile(sendFile);
  if (wait && timeout !== null) conversation.giveUpAfter(timeout);
  const code = wait ? await client.deliver(stopped) : await client.run(rest, stopped);
  if (options.explain !== "off") await (await explainer()).idle();
  return code;
}

/** The view of the events. */
function viewOf(
  { json, ascii }: ClientOptions,
  out: LineWriter,
  stdio: Stdio,
): JsonView | PipeView {
  const notices = lineWriter(stdio.error);
  if (json) return new JsonView(out, { ascii });
  if (ascii) return new PipeView(out, (line) => notices(asciiText(line)), asciiText);
  const same = (text: string) => text;
  return new PipeView(out, notices, stdio.out.isTerminal() ? (text) => safeText(text) : same);
}
