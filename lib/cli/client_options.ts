/**
 * A client's options, from its command line and its other sources.
 *
 * @module
 */
import { type ClassicGroup, DEFAULT_CLASSIC_GROUP, parseClassicGroup } from "../classic/group.ts";
import type { Detail } from "../conversation/explain.ts";
import type { Acceptance } from "../transfer/transfers.ts";
import { utf8 } from "../crypto/bytes.ts";
import { UsageError } from "../errors.ts";
import { MAX_NAME_BYTES, MAX_TEXT_BYTES } from "../protocol/constants.ts";
import { isContactName } from "../profile/contacts.ts";
import { isProfileName, PROFILE_NAME_RULE } from "../profile/folder.ts";
import { parseInvite } from "../protocol/invite.ts";
import {
  DEFAULT_ROOM,
  isAllottedRoom,
  isRoomName,
  NEW_ROOM,
  ROOM_NAME_RULE,
} from "../relay/wire_events.ts";
import type { ColorChoice } from "../terminal/style.ts";
import { CLIENT, COLOR_CHOICES, NOTIFY_CHOICES } from "./command_tables.ts";
import { helpText } from "./help.ts";
import { parseChoice, parseInteger, shown } from "./options.ts";
import { readSettings, type Settings, type Sources } from "./settings.ts";
import { VERSION } from "./version.ts";

/** The choice of a meeting point: a named room, or an invite code. */
export type MeetingChoice =
  | { readonly how: "room"; readonly room: string }
  | { readonly how: "invite" }
  | { readonly how: "join"; readonly code: string | null };

/** The options of a client. */
export interface ClientOptions extends OneShot {
  /** The relay, for example `http://localhost:5000`. */
  readonly server: string;
  /** The meeting point. */
  readonly meeting: MeetingChoice;
  /** What the other side calls us; may be empty. */
  readonly name: string;
  /** Ask for messages without signatures. */
  readonly deniable: boolean;
  /** The group of the suite `classic`; `null` for parley-1. */
  readonly classic: ClassicGroup | null;
  /** The profile to use; `null` for a fresh identity without contacts. */
  readonly profile: ProfileChoice | null;
  /** How much is explained. */
  readonly explain: Detail;
  /** Events as lines of JSON. */
  readonly json: boolean;
  /** What to do as lines of JSON. */
  readonly jsonInput: boolean;
  /** What is done with files that are offered. */
  readonly acceptance: Acceptance;
  /** How long a pipe waits for a connection that is lost, in milliseconds. */
  readonly patience: number;
  /** Send nothing to a peer that is not verified. */
  readonly requireVerified: boolean;
  /** When to use colours. */
  readonly color: ColorChoice;
  /** ASCII only, and nothing drawn. */
  readonly ascii: boolean;
  /** How to notify a person whose terminal has no focus. */
  readonly notify: typeof NOTIFY_CHOICES[number];
  /** Whether Ctrl-Z stops the program, because a shell is there to continue it. */
  readonly suspend: boolean;
}

/** Which profile to use, and how. */
export interface ProfileChoice {
  /** Its name. */
  readonly name: string;
  /** The folder it is in; `null` for the usual one. */
  readonly folder: string | null;
  /** The file descriptor that has its passphrase, or `null`. */
  readonly descriptor: number | null;
  /** The contact that the user expects, or `null`. */
  readonly peer: string | null;
}

/** What to send before anything else, and whether that is all. */
export interface OneShot {
  /** What to say; `null` for nothing. */
  readonly send: string | null;
  /** The file to send; `null` for none. */
  readonly sendFile: string | null;
  /** Leave when it is delivered. */
  readonly wait: boolean;
  /** After how many milliseconds to give up waiting; `null` for never. */
  readonly timeout: number | null;
}

/**
 * A client's options, or a text to print: the help or the version.
 *
 * @throws {UsageError} that names what was wrong, and where it came from
 */
export function readClientOptions(
  args: readonly string[],
  sources?: Sources,
): ClientOptions | string {
  const settings = readSettings(CLIENT, args, sources);
  if (settings.isGiven("help")) return helpText(CLIENT, settings.text("help") ? "all" : "short");
  if (settings.isOn("version")) return VERSION;
  return {
    server: parseServer(settings),
    meeting: parseMeeting(settings),
    name: parseName(settings),
    deniable: settings.isOn("deniable"),
    classic: parseClassic(settings),
    profile: parseProfile(settings),
    explain: parseDetail(settings),
    json: settings.isOn("json") || settings.isOn("json-input"),
    jsonInput: settings.isOn("json-input"),
    ...parseOneShot(settings),
    acceptance: settings.isOn("accept-files") ? "all" : "ask",
    patience: 1000 *
      parseInteger(settings.sourceOf("patience"), settings.text("patience")!, 1, LONGEST_TIMEOUT),
    requireVerified: parseRequireVerified(settings),
    color: parseChoice(settings.sourceOf("color"), settings.text("color")!, COLOR_CHOICES),
    ascii: settings.isOn("ascii"),
    notify: parseChoice(settings.sourceOf("notify"), settings.text("notify")!, NOTIFY_CHOICES),
    suspend: settings.isOn("suspend"),
  };
}

/** The longest wait, in seconds: a day. */
const LONGEST_TIMEOUT = 86_400;

function parseOneShot(settings: Settings): OneShot {
  const send = settings.text("send") ?? null;
  const sendFile = settings.text("send-file") ?? null;
  const seconds = settings.text("timeout");
  const wait = settings.isOn("wait");
  if (wait && send === null && sendFile === null) {
    throw new UsageError("--wait needs something to wait for: --send TEXT or --send-file FILE");
  }
  if (seconds !== undefined && !wait) throw new UsageError("--timeout is for --wait only");
  if (wait && settings.isOn("json-input")) {
    throw new UsageError("--wait and --json-input don't go together: --wait reads no input");
  }
  if (wait && settings.isOn("classic")) {
    throw new UsageError("--wait and --classic don't go together: the original has no receipts");
  }
  const bytes = utf8(send ?? "").length;
  if (bytes > MAX_TEXT_BYTES) {
    throw new UsageError(`--send: expected at most ${MAX_TEXT_BYTES} bytes of UTF-8, got ${bytes}`);
  }
  const timeout = seconds === undefined
    ? null
    : 1000 * parseInteger("--timeout", seconds, 1, LONGEST_TIMEOUT);
  return { send, sendFile, wait, timeout };
}

function parseRequireVerified(settings: Settings): boolean {
  const required = settings.isOn("require-verified");
  if (required && settings.isOn("classic")) {
    throw new UsageError(
      `${
        settings.sourceOf("require-verified")
      } and --classic don't go together: the original verifies nobody`,
    );
  }
  return required;
}

/** The options that need a profile. */
const FOR_PROFILE = ["peer", "profile-dir", "passphrase-fd"];

/** The descriptors before it are the standard ones, and the lines of the input are messages. */
const FIRST_DESCRIPTOR = 3;

function parseProfile(settings: Settings): ProfileChoice | null {
  const name = settings.text("profile");
  if (name === undefined || settings.isOn("classic")) {
    const alone = FOR_PROFILE.find((name) => settings.isGiven(name));
    if (alone !== undefined) throw new UsageError(`--${alone} is for --profile NAME only`);
    return null;
  }
  if (!isProfileName(name)) {
    throw new UsageError(
      `${settings.sourceOf("profile")} ${shown(name)}: expected ${PROFILE_NAME_RULE}`,
    );
  }
  const peer = settings.text("peer") ?? null;
  if (peer !== null && !isContactName(peer)) {
    throw new UsageError(`--peer: expected a name of 1 to ${MAX_NAME_BYTES} bytes of UTF-8`);
  }
  const descriptor = settings.text("passphrase-fd");
  return {
    name,
    folder: settings.text("profile-dir") ?? null,
    descriptor: descriptor === undefined
      ? null
      : parseInteger("--passphrase-fd", descriptor, FIRST_DESCRIPTOR, 1023),
    peer,
  };
}

/** The options without a counterpart in the original protocol. */
const NOT_CLASSIC = [
  "invite",
  "join",
  "deniable",
  "name",
  "explain",
  "profile",
  "send-file",
  "accept-files",
];

function parseClassic(settings: Settings): ClassicGroup | null {
  const group = settings.text("classic-group");
  if (!settings.isOn("classic")) {
    if (group !== undefined) throw new UsageError("--classic-group is for --classic only");
    return null;
  }
  const other = NOT_CLASSIC.find((name) => settings.isGiven(name));
  if (other !== undefined) {
    throw new UsageError(
      `--classic and --${other} don't go together: the original has no such thing`,
    );
  }
  return group === undefined ? DEFAULT_CLASSIC_GROUP : parseClassicGroup(group);
}

function parseServer(settings: Settings): string {
  const text = settings.text("server")!;
  const url = URL.parse(text);
  const isPlain = url !== null && (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" && url.pathname === "/" && url.search === "" && url.hash === "";
  if (!isPlain) {
    throw new UsageError(
      `${settings.sourceOf("server")} ${shown(text)}: expected a URL like http://localhost:5000`,
    );
  }
  return url.origin;
}

function parseMeeting(settings: Settings): MeetingChoice {
  const named = ["room", "invite", "join"].filter((name) => settings.isGiven(name));
  if (named.length > 1) {
    throw new UsageError(`--${named.join(" and --")} don't go together: a code has its own room`);
  }
  if (settings.isOn("invite")) return { how: "invite" };
  const code = settings.text("join");
  if (code === undefined) return { how: "room", room: parseRoom(settings) };
  return { how: "join", code: code === "" ? null : parseInvite(code).code };
}

function parseRoom(settings: Settings): string {
  const text = settings.text("room") ?? DEFAULT_ROOM;
  if (text === NEW_ROOM || isAllottedRoom(text)) {
    throw new UsageError(
      `${settings.sourceOf("room")} ${text}: such rooms are for --invite and --join`,
    );
  }
  if (isRoomName(text)) return text;
  throw new UsageError(`${settings.sourceOf("room")} ${shown(text)}: expected ${ROOM_NAME_RULE}`);
}

function parseName(settings: Settings): string {
  const text = settings.text("name")!;
  const bytes = utf8(text).length;
  if (bytes <= MAX_NAME_BYTES) return text;
  throw new UsageError(
    `${settings.sourceOf("name")}: expected at most ${MAX_NAME_BYTES} bytes of UTF-8, got ${bytes}`,
  );
}

function parseDetail(settings: Settings): Detail {
  const text = settings.text("explain");
  if (text === undefined) return "off";
  return text === "all" ? "all" : "steps";
}
