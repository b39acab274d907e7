/**
 * The programs' options, described once: their help, manual pages and completions are made from this.
 *
 * @module
 */
import { LOG_LEVELS } from "../relay/log.ts";
import {
  DEFAULT_AWAY_SECONDS,
  DEFAULT_MAX_PAYLOAD_BYTES,
  DEFAULT_PORT,
  DEFAULT_ROOM,
} from "../relay/wire_events.ts";
import type { Command, Program } from "./options.ts";

/** The values of `--color`. */
export const COLOR_CHOICES = ["auto", "always", "never"] as const;

/** The values of `--notify`. */
export const NOTIFY_CHOICES = ["bell", "osc", "off"] as const;

/** The client: `deno task client`. */
export const CLIENT: Program = {
  name: "deno task client",
  program: "parley-client",
  summary: "parley's client: one end of an end-to-end encrypted conversation.",
  options: [
    {
      name: "server",
      value: "URL",
      help: "the relay",
      default: `http://localhost:${DEFAULT_PORT}`,
      setting: true,
    },
    {
      name: "room",
      value: "NAME",
      help: `the room to meet in (default ${DEFAULT_ROOM})`,
      detail: "Whoever knows the name can come in, so compare what /verify shows, or use a code.",
      setting: true,
    },
    {
      name: "name",
      value: "NAME",
      help: "what the other side calls you",
      default: "",
      detail: "At most 127 bytes. It proves nothing: the key does.",
      setting: true,
    },
    {
      name: "invite",
      help: "make a code for the other person: nobody can come between",
      detail: "The code is good for one meeting. Tell it by voice or in person.",
    },
    {
      name: "join",
      value: "CODE",
      optional: true,
      help: "join by that code; without one, asks for it",
      detail: "On a pipe the first line of the input is the code.",
    },
    {
      name: "deniable",
      help: "leave signatures out of messages, if both sides ask",
      rare: true,
      setting: true,
    },
    {
      name: "profile",
      value: "NAME",
      help: "keep the identity and known peers; asks to make one",
      detail:
        "The file is sealed with a passphrase: typed, or from --passphrase-fd, or from PARLEY_PASSPHRASE. Without a " +
        "profile every run has another identity and knows nobody. `deno task profile --help` has the rest.",
      setting: true,
    },
    {
      name: "peer",
      value: "NAME",
      help: "with --profile: whom you expect; others are refused",
      detail:
        "Somebody new is filed under this name. Without it they are filed under the name they give themselves.",
      rare: true,
    },
    {
      name: "profile-dir",
      value: "DIR",
      help: "where profiles are kept",
      isFile: true,
      detail: "Without it, PARLEY_PROFILE_DIR, or the platform's configuration folder.",
      rare: true,
    },
    {
      name: "passphrase-fd",
      value: "N",
      help: "read the passphrase from this file descriptor",
      rare: true,
    },
    {
      name: "explain",
      value: "all",
      optional: true,
      choices: ["all"],
      help: "explain the seven steps in numbers; all: each message",
      rare: true,
    },
    {
      name: "classic",
      help: "the original protocol: INSECURE, for its Python clients",
      rare: true,
    },
    {
      name: "classic-group",
      value: "Q,A",
      help: "its prime and base in decimal (default RFC 3526's 14)",
      rare: true,
    },
    { name: "json", help: "write every event as a line of JSON", rare: true },
    {
      name: "json-input",
      help: "read every line as a JSON object; brings --json",
      detail: "docs/SCRIPTING.md lists the events and what can be asked for.",
      rare: true,
    },
    { name: "send", value: "TEXT", help: "say this first", rare: true },
    {
      name: "send-file",
      value: "FILE",
      help: "offer this file first",
      isFile: true,
      detail:
        "The file may be anywhere; /send takes files of outbox and of the folder after --files.",
      rare: true,
    },
    {
      name: "files",
      value: "DIR",
      help: "a folder whose files may be sent",
      isFile: true,
      detail: "The folder outbox is one in any case.",
      rare: true,
      setting: true,
    },
    {
      name: "accept-files",
      help: "take every file, into received/",
      detail: "Without it a person or a script decides, and a pipe refuses.",
      rare: true,
    },
    {
      name: "wait",
      help: "with these two: leave when it is delivered",
      detail: "Exit code 0 says that it was delivered, 1 that this is not known.",
      rare: true,
    },
    {
      name: "timeout",
      value: "SECONDS",
      help: "with --wait: give up after so long",
      rare: true,
    },
    {
      name: "patience",
      value: "SECONDS",
      help: "on a pipe: for how long to reconnect",
      default: "120",
      detail:
        "What is not delivered when it is over is counted, and the exit code is 1. In a terminal it is waited for as long " +
        "as it takes.",
      rare: true,
      setting: true,
    },
    {
      name: "require-verified",
      help: "say nothing to a peer that is not verified: exit code 3",
      detail:
        "An invite code verifies, and so does a profile that knows the other side as verified.",
      rare: true,
      setting: true,
    },
    {
      name: "color",
      value: "WHEN",
      help: "auto, always or never",
      default: "auto",
      choices: COLOR_CHOICES,
      rare: true,
      setting: true,
    },
    {
      name: "ascii",
      help: "ASCII only, nothing drawn: for screen readers, too",
      detail:
        "Any other character is shown by its number, such as <U+4F60>; --json escapes it as JSON does.",
      rare: true,
      setting: true,
    },
    {
      name: "notify",
      value: "HOW",
      help: "when not in focus: bell, osc or off",
      default: "bell",
      choices: NOTIFY_CHOICES,
      detail:
        "osc asks the terminal for a desktop notification (OSC 9), which never says who wrote what.",
      rare: true,
      setting: true,
    },
    {
      name: "suspend",
      help: "let Ctrl-Z stop it: only where a shell started it",
      detail:
        "deno task and npx go on waiting for a program that has stopped, and nobody could continue it then; run from a " +
        "shell, or as an installed command, it can be stopped and brought back with fg.",
      rare: true,
    },
    {
      name: "config",
      value: "FILE",
      help: "read settings from this JSON file",
      isFile: true,
      detail: "Without it, ~/.config/parley/config.json, where that is there.",
      rare: true,
      setting: true,
    },
  ],
  description: [
    "In a terminal it is a chat: type and press Enter; exit, /exit, Ctrl-D and Ctrl-C leave, /help lists the commands.",
    "With other input it is a pipe: each line is a message, each message a line of the output, notices go to the " +
    "error output. At the end of its input it waits until the other side has everything and has said its own " +
    "goodbye, and leaves.",
  ],
  exits: [
    [0, "left normally"],
    [1, "failed"],
    [2, "wrong usage"],
    [3, "a cryptographic check failed"],
    [4, "no relay there"],
    [5, "wrong passphrase"],
    [6, "profile rolled back"],
    [7, "profile not saved"],
    [8, "profile in use"],
  ],
  examples: [
    "--name Alice --invite",
    "--name Bob --join 7-calm-harbor-lantern",
    "printf 'hello\\n' | {} --room r1",
  ],
  environment: [
    ["NO_COLOR", "no colours where --color is auto (https://no-color.org)"],
    ["TERM", "no colours where it is dumb or not set"],
    ["HOME, XDG_CONFIG_HOME, APPDATA", "where the configuration file is"],
    ["PARLEY_PASSPHRASE", "the profile's passphrase"],
    ["PARLEY_PROFILE_DIR", "where profiles are kept"],
  ],
};

/** The relay: `deno task server`. */
export const SERVER: Program = {
  name: "deno task server",
  program: "parley-server",
  summary: "parley's relay: it brings two clients together and can read nothing.",
  options: [
    {
      name: "host",
      value: "ADDRESS",
      help: "listen on this address",
      default: "127.0.0.1",
      detail: "0.0.0.0 listens on all addresses of this machine.",
      setting: true,
    },
    {
      name: "port",
      value: "PORT",
      help: "listen on this port; 0 takes a free one",
      default: String(DEFAULT_PORT),
      setting: true,
    },
    {
      name: "max-payload",
      value: "BYTES",
      help: "refuse longer payloads",
      default: String(DEFAULT_MAX_PAYLOAD_BYTES),
      setting: true,
    },
    {
      name: "away",
      value: "SECONDS",
      help: "keep the seat of a lost connection",
      default: String(DEFAULT_AWAY_SECONDS),
      detail: "Nobody else can take it in the meantime. 0 keeps none.",
      setting: true,
    },
    {
      name: "log-level",
      value: "LEVEL",
      help: "what to write on stderr",
      default: "error",
      choices: LOG_LEVELS,
      detail: `One of ${LOG_LEVELS.join(", ")}; trace shows the payloads, which are sealed.`,
      setting: true,
    },
  ],
  description: [
    "It keeps rooms of two, hands what one sends to the other, and looks at nothing but sizes. It holds no key.",
    "It says on its output where it listens. SIGINT and SIGTERM end it.",
  ],
  exits: [
    [0, "stopped by SIGINT or SIGTERM"],
    [1, "failed"],
    [2, "wrong usage"],
  ],
  examples: ["", "--host 0.0.0.0 --port 8080 --log-level info"],
};

/** The manager of profiles: `deno task profile`. */
export const PROFILE: Command = {
  name: "deno task profile",
  summary: "Profiles: an identity, whom it knows, and settings, sealed with a passphrase.",
  operands: {
    usage: "COMMAND [NAME]",
    forms: [
      ["list", "names the profiles"],
      ["create NAME", "makes one, with a new identity"],
      ["show NAME", "shows its key and its contacts; no secret"],
      ["passwd NAME", "seals it with another passphrase"],
      ["accept NAME", "takes an old state that you put back for the newest"],
      ["delete NAME", "deletes it for good"],
    ],
  },
  options: [
    { name: "profile-dir", value: "DIR", help: "where they are kept" },
    { name: "passphrase-fd", value: "N", help: "read the passphrase from this file descriptor" },
    { name: "new-passphrase-fd", value: "N", help: "the same for the new one (passwd)" },
    { name: "yes", help: "delete without asking" },
  ],
  note: "Without --profile-dir they are kept in PARLEY_PROFILE_DIR, or in the platform's " +
    "configuration folder. A passphrase is typed, or --passphrase-fd or PARLEY_PASSPHRASE gives it.",
  exits: [
    [0, "done"],
    [1, "failed"],
    [2, "wrong usage"],
    [3, "changed or damaged"],
    [5, "wrong passphrase"],
    [6, "an old profile was put back or it is gone"],
    [7, "not saved (is the disk full?)"],
    [8, "in use by a client"],
  ],
  examples: [],
};
