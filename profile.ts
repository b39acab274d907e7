/**
 * `deno task profile`: lists, shows and changes the profiles that `deno task client --profile NAME` uses.
 *
 * @module
 */
import { PROFILE } from "./lib/cli/command_tables.ts";
import { type Arguments, integerOf, textOf } from "./lib/cli/options.ts";
import { runCommand } from "./lib/cli/run.ts";
import { day } from "./lib/conversation/notices.ts";
import { systemRandom } from "./lib/crypto/random.ts";
import { EXIT, type ExitCode, ParleyError, UsageError } from "./lib/errors.ts";
import { ProfileError } from "./lib/profile/errors.ts";
import { DENO_FILES, readDescriptor } from "./lib/profile/files.ts";
import { profileFolder } from "./lib/profile/folder.ts";
import {
  choosePassphrase,
  MAX_PASSPHRASE_BYTES,
  type PassphraseSources,
  withPassphrase,
} from "./lib/profile/passphrase.ts";
import { newProfile, type Profile } from "./lib/profile/profile.ts";
import { listProfiles, ProfileStore } from "./lib/profile/profile_store.ts";
import { keyFingerprint } from "./lib/protocol/fingerprint.ts";
import { PromptLoop } from "./lib/terminal/prompt.ts";
import { safeText } from "./lib/safe_text.ts";
import { Terminal } from "./lib/terminal/terminal.ts";

const COMMANDS = ["list", "create", "show", "passwd", "accept", "delete"] as const;
type CommandName = typeof COMMANDS[number];

interface Request {
  readonly command: CommandName;
  /** Empty for `list`. */
  readonly name: string;
  readonly folder: string | undefined;
  readonly descriptor: number | null;
  readonly newDescriptor: number | null;
  readonly yes: boolean;
}

function requestOf(said: Arguments): Request {
  const name = textOf(said, "NAME") ?? "";
  const command = COMMANDS.find((command) => command === said.COMMAND);
  if (command === undefined) {
    throw new UsageError(`expected one of ${COMMANDS.join(", ")}: try --help`);
  }
  if ((command === "list") !== (name === "")) {
    throw new UsageError(
      command === "list"
        ? "list takes no name"
        : `name one profile: deno task profile ${command} NAME`,
    );
  }
  return {
    command,
    name,
    folder: textOf(said, "profile-dir"),
    descriptor: integerOf(said, "passphrase-fd", 3, 1023) ?? null,
    newDescriptor: integerOf(said, "new-passphrase-fd", 3, 1023) ?? null,
    yes: said.yes === true,
  };
}

function env(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** The keyboard, where there is one. It is opened for the first question. */
class Keyboard implements Disposable {
  #prompt: PromptLoop | null = null;

  /** Whether there is somebody to ask. */
  readonly isThere: boolean = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();

  ask(question: string, mask?: string): Promise<string | undefined> {
    this.#prompt ??= new PromptLoop(Terminal.open(), { prompt: "> " });
    return this.#prompt.ask(question, mask === undefined ? {} : { mask });
  }

  tell(text: string): void {
    if (this.#prompt === null) console.log(safeText(text));
    else this.#prompt.print(safeText(text));
  }

  [Symbol.dispose](): void {
    this.#prompt?.close();
  }
}

/** Where the passphrase comes from: the keyboard, this descriptor, or PARLEY_PASSPHRASE. */
function sources(
  keyboard: Keyboard,
  descriptor: number | null,
  variable: string | undefined,
): PassphraseSources {
  return {
    descriptor: descriptor === null ? null : () => readDescriptor(descriptor, MAX_PASSPHRASE_BYTES),
    variable,
    ask: keyboard.isThere ? (question) => keyboard.ask(question, "*") : null,
  };
}

async function describe(
  { name, identity, settings, contacts }: Profile,
  journalSize: number | null,
): Promise<string[]> {
  const own = [
    `profile ${name}`,
    `  name      ${safeText(settings.name) || "(none)"}`,
    `  key       ${await keyFingerprint(identity.publicKey.bytes)}`,
    `  contacts  ${contacts.length}`,
    `  journal   ${journalSize === null ? "(none)" : `${journalSize} bytes`}`,
  ];
  const known = contacts.map(async (contact) => [
    `${safeText(contact.name)}: ${contact.verified ? "verified" : "not verified"}, known since ${
      day(contact.firstSeen)
    }, last seen ${day(contact.lastSeen)}`,
    `  ${await keyFingerprint(contact.key)}`,
  ]);
  return [...own, ...(await Promise.all(known)).flat()];
}

async function obey(request: Request, keyboard: Keyboard): Promise<string[]> {
  const { command, name } = request;
  const folder = request.folder ?? profileFolder({ os: Deno.build.os, env });
  const options = { folder, files: DENO_FILES, random: systemRandom };
  if (command === "list") return await listProfiles(options);
  using store = await ProfileStore.lock(options, name);
  const variable = env("PARLEY_PASSPHRASE");
  const passphrases = sources(keyboard, request.descriptor, variable);
  const tell = (text: string) => keyboard.tell(text);
  const open = (unlock: (passphrase: string) => Promise<Profile>) =>
    withPassphrase(passphrases, `passphrase of profile ${name}: `, unlock, tell);
  switch (command) {
    case "create": {
      if (await store.exists()) {
        throw new ProfileError("profile-exists", `there is a profile ${name} already`);
      }
      const profile = newProfile(name, { name: "" }, systemRandom);
      await store.create(profile, await choosePassphrase(passphrases, tell));
      return [`made profile ${name} in ${folder}`];
    }
    case "show": {
      const profile = await open((passphrase) => store.open(passphrase));
      return await describe(profile, await store.journalSize());
    }
    case "passwd": {
      const profile = await open((passphrase) => store.open(passphrase));
      // The variable has the old one, so the new one is typed or has a descriptor of its own.
      const news = sources(keyboard, request.newDescriptor, undefined);
      await store.changePassphrase(profile, await choosePassphrase(news, tell));
      return [`profile ${name} has another passphrase now; copies of it keep the old one`];
    }
    case "accept":
      await open((passphrase) => store.openPutBack(passphrase));
      return [`profile ${name} goes on from this state`];
    case "delete": {
      await confirmDeletion(request, store, keyboard);
      await store.delete();
      return [`deleted profile ${name}; copies elsewhere are still there`];
    }
  }
}

async function confirmDeletion(
  { name, yes }: Request,
  store: ProfileStore,
  keyboard: Keyboard,
): Promise<void> {
  // One whose file is gone has something left to delete; one that never was has nothing.
  const isThere = await store.exists().catch((error) => {
    if (error instanceof ProfileError && error.code === "profile-missing") return true;
    throw error;
  });
  if (!isThere) throw new ProfileError("no-profile", `there is no profile ${name}`);
  if (yes) return;
  if (!keyboard.isThere) throw new UsageError("to delete without being asked, add --yes");
  const question = `Its identity is gone for good. Type ${name} to delete it: `;
  if (await keyboard.ask(question) !== name) {
    throw new ParleyError("declined", "nothing was deleted");
  }
}

/** The entry point. */
export function main(args: readonly string[]): Promise<ExitCode> {
  return runCommand(PROFILE, args, async (said) => {
    using keyboard = new Keyboard();
    for (const line of await obey(requestOf(said), keyboard)) console.log(line);
    return EXIT.ok;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
