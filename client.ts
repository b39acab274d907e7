/**
 * The client's command line: `deno task client`.
 *
 * @module
 */
import {
  type ClientOptions,
  type Meeting,
  type ProfileChoice,
  readClientOptions,
} from "./lib/cli/client_options.ts";
import { systemSources } from "./lib/cli/system.ts";
import { ClassicSigningKey } from "./lib/classic/elgamal.ts";
import type { ClassicGroup } from "./lib/classic/group.ts";
import { classicWarnings } from "./lib/classic/warnings.ts";
import { ClassicChat, completeClassicCommand } from "./lib/classic/chat.ts";
import { ClassicConversation } from "./lib/classic/conversation.ts";
import { Conversation } from "./lib/conversation/conversation.ts";
import { Doorkeeper } from "./lib/conversation/admission.ts";
import type { ClientEvent, View } from "./lib/conversation/events.ts";
import { Explainer } from "./lib/conversation/explain.ts";
import { JsonView } from "./lib/pipe/json_view.ts";
import { ChatClient } from "./lib/chat/chat.ts";
import { completeCommand } from "./lib/chat/slash_commands.ts";
import { mayAskForFile } from "./lib/chat/file_commands.ts";
import { linesUntilExit, type PipeInput, readLines, takeFirstLine } from "./lib/pipe/lines.ts";
import { plainPrompt } from "./lib/chat/plain_prompt.ts";
import { readScript } from "./lib/pipe/script_input.ts";
import { saveTranscript } from "./lib/conversation/transcript_store.ts";
import { PipeClient } from "./lib/pipe/pipe_client.ts";
import { PipeView } from "./lib/pipe/pipe_view.ts";
import { connectRelay } from "./lib/conversation/socket_link.ts";
import { denoDisk } from "./lib/transfer/disk.ts";
import { type Bytes, fromHex, utf8 } from "./lib/crypto/bytes.ts";
import { encodeSeat, makeSeat, SEAT_BYTES } from "./lib/conversation/seat.ts";
import { SigningKey } from "./lib/crypto/elgamal.ts";
import { Correspondence, type RecordStore } from "./lib/delivery/delivery.ts";
import { placeTag, type Tag } from "./lib/delivery/record.ts";
import { mlKem768 } from "./lib/crypto/kem.ts";
import { systemRandom } from "./lib/crypto/random.ts";
import { EXIT, type ExitCode, ParleyError, UsageError } from "./lib/errors.ts";
import { enterProfile, type Entry } from "./lib/profile/entry.ts";
import { DENO_FILES, readDescriptor } from "./lib/profile/files.ts";
import { profileFolder } from "./lib/profile/folder.ts";
import { ProfileKeeper } from "./lib/profile/keeper.ts";
import { MAX_PASSPHRASE_BYTES } from "./lib/profile/passphrase.ts";
import { ProfileStore } from "./lib/profile/profile_store.ts";
import type { TrustKeeper } from "./lib/profile/trust.ts";
import { completeInvite, type Invite, makeInvite, parseInvite } from "./lib/protocol/invite.ts";
import { GROUP } from "./lib/protocol/wire.ts";
import { DEFAULT_ROOM } from "./lib/relay/events.ts";
import { PromptLoop } from "./lib/terminal/prompt.ts";
import { wrapHanging } from "./lib/terminal/paragraph.ts";
import { asciiText, safeText } from "./lib/safe_text.ts";
import { styleLevel, styler } from "./lib/terminal/style.ts";
import { Terminal } from "./lib/terminal/terminal.ts";

/** Writes a line to a stream whole, before anything else happens. */
function lineWriter(stream: { writeSync(bytes: Uint8Array): number }): (line: string) => void {
  return (line) => {
    const bytes = utf8(`${line}\n`);
    for (let written = 0; written < bytes.length;) {
      written += stream.writeSync(bytes.subarray(written));
    }
  };
}

/**
 * Resolves when the user wants a client on a pipe to stop. Where one of its streams is a terminal, that this is closed
 * says so, too. Where none is, `nohup` may have started it, and a listener would undo that.
 */
function interruption(): Promise<void> {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  if ([Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal())) {
    signals.push("SIGHUP");
  }
  return new Promise((resolve) => {
    for (const signal of signals) Deno.addSignalListener(signal, resolve);
  });
}

/** Calls back once, later; the result prevents that. */
function after(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}

/** The room, and the code when there is one. */
interface Place {
  readonly room: string;
  readonly code: string | null;
}

/** Who we are in this run, and whom we know. */
interface Self {
  readonly identity: SigningKey;
  readonly name: string;
  /** Knows people; `null` without a profile. */
  readonly keeper: TrustKeeper | null;
  /** What a profile's journal has of what is under way, and the journal; `null` without a profile. */
  readonly journal: { readonly journal: RecordStore; readonly records: readonly Bytes[] } | null;
  /** Binds our seat in a room to us. A profile's is the same in every run, so that it has it back after a fall. */
  seatIn(place: Tag): Promise<string>;
}

/** How to ask for what only a person can say; `null` on a pipe. */
interface Person {
  ask(question: string): Promise<string | undefined>;
  confirm(question: string): Promise<boolean>;
  tell(text: string): void;
}

/** The profile's identity, or a fresh one for this run. */
async function self(
  { profile, name }: ClientOptions,
  person: Person | null,
  view: View,
): Promise<Self> {
  if (profile !== null) return await selfOfProfile(profile, name, person, view);
  return {
    identity: SigningKey.generate(GROUP, systemRandom),
    name,
    keeper: null,
    journal: null,
    seatIn: () => Promise.resolve(makeSeat(systemRandom)),
  };
}

/** Opens a profile, which stays locked until the process ends. */
async function selfOfProfile(
  { name, folder, descriptor, peer }: ProfileChoice,
  nickname: string,
  person: Person | null,
  view: View,
): Promise<Self> {
  const { env } = systemSources();
  const usual = () => profileFolder({ os: Deno.build.os, env });
  const options = { folder: folder ?? usual(), files: DENO_FILES, random: systemRandom };
  const store = await ProfileStore.lock(options, name);
  const entry: Entry = {
    store,
    passphrases: {
      descriptor: descriptor === null
        ? null
        : () => readDescriptor(descriptor, MAX_PASSPHRASE_BYTES),
      variable: env("PARLEY_PASSPHRASE"),
      ask: person?.ask ?? null,
    },
    confirm: person?.confirm ?? null,
    tell: (text) => person?.tell(text),
    nickname,
    random: systemRandom,
  };
  const opened = await enterProfile(entry);
  const keeper = new ProfileKeeper({
    profile: opened,
    expected: peer,
    save: (profile) => store.save(profile),
    now: Date.now,
    warn: ({ code, message }) => view.show({ type: "warning", code, message }),
  });
  return {
    identity: opened.identity,
    name: opened.settings.name,
    keeper,
    journal: await store.openJournal(opened),
    seatIn: async (place) =>
      encodeSeat(await opened.generationKey.derive(fromHex(place), "parley-1 seat", SEAT_BYTES)),
  };
}

/** What is under way with whoever is in this place, from this run and from those before. */
async function openMail(
  { server }: ClientOptions,
  { journal }: Self,
  { room }: Place,
  view: View,
): Promise<Correspondence> {
  return new Correspondence({
    place: await placeTag(server, room),
    random: systemRandom,
    store: journal?.journal ?? null,
    records: journal?.records ?? [],
    warn: ({ code, message }) => view.show({ type: "warning", code, message }),
  });
}

/** Where files go that are received. */
const RECEIVED_FOLDER = "received";

/** What a conversation is held with. */
interface Company {
  readonly me: Self;
  readonly mail: Correspondence;
  readonly door: Doorkeeper;
  readonly place: Place;
  readonly view: View;
  readonly explainer: Explainer;
}

/** Connects. */
async function converse(
  { server, deniable, send, acceptance }: ClientOptions,
  { me, mail, door, place, view, explainer }: Company,
): Promise<Conversation> {
  const { room, code } = place;
  const { identity, name } = me;
  const conversation = new Conversation({
    address: { server, room },
    handshake: { identity, name, deniable, code },
    mail,
    disk: denoDisk(RECEIVED_FOLDER),
    acceptance,
    environment: { random: systemRandom, kem: mlKem768, now: Date.now },
    view,
    tap: explainer,
    admit: (facts) => door.admit(facts),
    after,
  });
  const seat = await me.seatIn(mail.addressee);
  conversation.attach(connectRelay({ server, room }, seat, (input) => conversation.post(input)));
  if (send !== null) conversation.post({ type: "say", texts: [send] });
  return conversation;
}

/** Warns, makes the key of this run for the suite `classic`, and connects. */
function converseClassic(
  { server, meeting, send }: ClientOptions,
  group: ClassicGroup,
  view: View,
): ClassicConversation {
  for (const message of classicWarnings(group)) {
    view.show({ type: "warning", code: "insecure-suite", message });
  }
  const room = meeting.how === "room" ? meeting.room : DEFAULT_ROOM;
  const conversation = new ClassicConversation({
    address: { server, room },
    signingKey: ClassicSigningKey.generate(group, systemRandom),
    environment: { random: systemRandom, now: Date.now },
    view,
  });
  conversation.attach(connectRelay({ server, room }, null, (input) => conversation.post(input)));
  if (send !== null) conversation.post({ type: "say", texts: [send] });
  return conversation;
}

/** Where to meet; asks for the code where none was given. */
async function place(meeting: Meeting, view: View, ask: () => Promise<Invite>): Promise<Place> {
  if (meeting.how === "room") return { room: meeting.room, code: null };
  if (meeting.how === "join") return meeting.code ? parseInvite(meeting.code) : await ask();
  const invite = makeInvite(systemRandom);
  view.show({ type: "invite", code: invite.code });
  return invite;
}

/** What shows the events of a client on a pipe. */
function pipeView({ json, ascii }: ClientOptions): View {
  const [out, notices] = [lineWriter(Deno.stdout), lineWriter(Deno.stderr)];
  if (json) return new JsonView(out, { ascii });
  if (ascii) return new PipeView(out, (line) => notices(asciiText(line)), asciiText);
  const same = (text: string) => text;
  return new PipeView(out, notices, Deno.stdout.isTerminal() ? (text) => safeText(text) : same);
}

/** A client whose input or output is no terminal. */
async function runPiped(options: ClientOptions): Promise<ExitCode> {
  const view = pipeView(options);
  const read = options.jsonInput ? readScript : readLines;
  const lines: AsyncGenerator<PipeInput, void, undefined> = read(Deno.stdin.readable);
  if (options.classic !== null) {
    const client = new PipeClient({ view, save: null, patience: options.patience, after });
    const conversation = converseClassic(options, options.classic, client);
    return await client.run(conversation, linesUntilExit(lines), interruption());
  }
  const explainer = new Explainer(options.explain, view);
  const client = new PipeClient({
    view: {
      show(event: ClientEvent) {
        explainer.show(event);
        if (event.type === "verified") void door.verify();
      },
    },
    save: saveTranscript,
    patience: options.patience,
    after,
  });
  const me = await self(options, null, client);
  const { keeper } = me;
  const { requireVerified } = options;
  const door: Doorkeeper = new Doorkeeper({ keeper, requireVerified, canAsk: false, view: client });
  if (options.meeting.how !== "join" || options.meeting.code !== null) {
    const where = await place(options.meeting, view, () => Promise.reject());
    return await run(where, lines);
  }
  const { first, rest } = await takeFirstLine(lines);
  return await run(parseInvite(first ?? ""), rest);

  async function run(place: Place, input: AsyncIterable<PipeInput>): Promise<ExitCode> {
    const mail = await openMail(options, me, place, client);
    const company = { me, mail, door, place, view: client, explainer };
    // Nobody can be asked here but a script.
    const acceptance = options.acceptance === "ask" && !options.jsonInput
      ? "none"
      : options.acceptance;
    const conversation = await converse({ ...options, acceptance }, company);
    const { sendFile, wait, timeout } = options;
    if (sendFile !== null) await conversation.sendFile(sendFile);
    const code = wait
      ? await client.deliver(conversation, expiry(timeout), interruption())
      : await client.run(conversation, input, interruption());
    await explainer.idle();
    return code;
  }
}

/** Resolves after so many milliseconds; never for `null`. */
function expiry(milliseconds: number | null): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds !== null) setTimeout(resolve, milliseconds);
  });
}

/** A client in a terminal. */
async function runChat(options: ClientOptions): Promise<ExitCode> {
  const env = { TERM: Deno.env.get("TERM"), NO_COLOR: Deno.env.get("NO_COLOR") };
  const { ascii, color, notify, suspend, sendFile } = options;
  let complete = options.classic === null ? completeCommand : completeClassicCommand;
  const terminal = Terminal.open({ focus: notify !== "off", suspend });
  const prompt = new PromptLoop(terminal, {
    prompt: "> ",
    completer: (line, cursor) => complete(line, cursor),
    entered: "go",
    holds: options.classic === null ? mayAskForFile : undefined,
  });
  const surroundings = {
    prompt: ascii ? plainPrompt(prompt) : prompt,
    style: styler(styleLevel(env, true, color)),
    clock: (time: number) => new Date(time).toTimeString().slice(0, 5),
  };
  try {
    if (options.classic !== null) {
      const chat = new ClassicChat(surroundings);
      const conversation = converseClassic(options, options.classic, chat);
      terminal.farewell = () => conversation.close();
      return await chat.run(conversation);
    }
    const view: View = { show: (event) => explainer.show(event) };
    if (options.profile !== null) prompt.setStatus(`opening profile ${options.profile.name}`);
    const me = await self(options, personAt(prompt), view);
    prompt.setStatus();
    const { requireVerified } = options;
    const door = new Doorkeeper({ keeper: me.keeper, requireVerified, canAsk: true, view });
    const chat: ChatClient = new ChatClient({
      ...surroundings,
      door,
      draws: !ascii,
      keepsLines: me.journal !== null,
      clear: () => prompt.clear(),
      alert: () => {
        if (notify === "bell") prompt.ring();
        if (notify === "osc") prompt.notify("parley: something new");
      },
      save: saveTranscript,
      mayRead: (path) => mayRead(path, (ask) => prompt.lend(ask)),
      home: systemSources().env("HOME"),
      toggleExplanations: () => {
        explainer.detail = explainer.detail === "all" ? "off" : "all";
        return explainer.detail === "all";
      },
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    });
    complete = (line, cursor) => chat.complete(line, cursor);
    const explainer: Explainer = new Explainer(options.explain, chat);
    const where = await place(options.meeting, chat, () => askForInvite(prompt));
    const mail = await openMail(options, me, where, explainer);
    const company = { me, mail, door, place: where, view: explainer, explainer };
    const conversation = await converse(options, company);
    // So that our seat is free at once, for whoever comes next: perhaps us.
    terminal.farewell = () => conversation.close();
    return await chat.run(conversation, sendFile);
  } finally {
    prompt.close();
  }
}

/**
 * Whether Deno lets a file be read. Where the task's permissions do not say, Deno asks, and its question is the
 * person's consent.
 *
 * @param lend runs what uses the terminal, if that can be now
 */
function mayRead(path: string, lend: (ask: () => boolean) => boolean | undefined): boolean {
  const permission = { name: "read", path } as const;
  if (Deno.permissions.querySync(permission).state === "granted") return true;
  return lend(() => Deno.permissions.requestSync(permission).state === "granted") ?? false;
}

/** The person at a prompt. */
function personAt(prompt: PromptLoop): Person {
  return {
    ask: (question) => prompt.ask(question, { mask: "*" }),
    confirm: async (question) => /^y(es)?$/i.test((await prompt.ask(question))?.trim() ?? ""),
    tell: (text) => prompt.print(wrapHanging(safeText(text), prompt.columns)),
  };
}

/** Asks until the answer is a code. */
async function askForInvite(prompt: PromptLoop): Promise<Invite> {
  for (;;) {
    const answer = await prompt.ask("invite code: ", {
      completer: (line, cursor) => completeInvite(line.slice(0, cursor)),
    });
    if (answer === undefined) throw new UsageError("no invite code was given");
    try {
      return parseInvite(answer);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      prompt.print(wrapHanging(error.message, prompt.columns));
    }
  }
}

async function main(args: readonly string[]): Promise<ExitCode> {
  try {
    const options = readClientOptions(args, systemSources());
    if (typeof options === "string") {
      console.log(options);
      return EXIT.ok;
    }
    // Now, while nothing else reads the keyboard. On a pipe there is nobody to ask.
    if (options.sendFile !== null) mayRead(options.sendFile, (ask) => ask());
    const isChat = Deno.stdin.isTerminal() && Deno.stdout.isTerminal() && !options.json &&
      !options.wait;
    return await (isChat ? runChat(options) : runPiped(options));
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    // The command line may be what is wrong, so this looks at it as it is.
    const isScript = args.includes("--json") || args.includes("--json-input");
    if (isScript) new JsonView(lineWriter(Deno.stdout)).show({ type: "error", error });
    else console.error(`parley: ${error.message}`);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
