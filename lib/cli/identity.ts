/**
 * The user's identity in this run: out of a profile, or fresh.
 *
 * @module
 */
import type { EventStream } from "../conversation/events.ts";
import { encodeSeat, SEAT_BYTES } from "../conversation/seat.ts";
import { type Bytes, fromHex } from "../crypto/bytes.ts";
import type { SigningKey } from "../crypto/elgamal.ts";
import type { RecordStore } from "../delivery/delivery.ts";
import type { ConversationId } from "../delivery/record.ts";
import { openOrCreateProfile } from "../profile/open_or_create.ts";
import { DENO_FILES, readDescriptor } from "../profile/files.ts";
import { ProfileKeeper } from "../profile/keeper.ts";
import { MAX_PASSPHRASE_BYTES } from "../profile/passphrase.ts";
import { ProfileStore } from "../profile/profile_store.ts";
import type { TrustKeeper } from "../profile/trust.ts";
import type { ProfileChoice } from "./client_options.ts";
import { type System, systemProfileFolder } from "./system.ts";

/** The user's identity, name, contacts and journal. */
export interface Identity {
  /** Signs. */
  readonly identity: SigningKey;
  /** The user's name for themselves. */
  readonly name: string;
  /** Knows peers; `null` without a profile. */
  readonly keeper: TrustKeeper | null;
  /** A profile's journal and its records; `null` without a profile. */
  readonly journal: { readonly journal: RecordStore; readonly records: readonly Bytes[] } | null;
  /** The secret of our seat. A profile's is the same in every run, so that a crash does not lose the seat. */
  seatIn(conversation: ConversationId): Promise<string>;
}

/** Asks for what only a person can say. */
export interface Person {
  /** Asks for a line that is not shown; `undefined` when there is no answer. */
  ask(question: string): Promise<string | undefined>;
  /** Asks for yes or no. */
  confirm(question: string): Promise<boolean>;
  /** Prints a notice. */
  tell(text: string): void;
}

/** Opens a profile, which stays locked until the process ends. @param person to ask; `null` on a pipe */
export async function openProfileIdentity(
  { name, folder, descriptor, peer }: ProfileChoice,
  nickname: string,
  person: Person | null,
  { random, now, env }: System,
  events: EventStream,
): Promise<Identity> {
  const options = { folder: folder ?? systemProfileFolder(), files: DENO_FILES, random };
  const store = await ProfileStore.lock(options, name);
  const profile = await openOrCreateProfile({
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
    random,
  });
  const keeper = new ProfileKeeper({
    profile,
    expected: peer,
    save: (profile) => store.save(profile),
    now,
    warn: ({ code, message }) => events.report({ type: "warning", code, message }),
  });
  return {
    identity: profile.identity,
    name: profile.settings.name,
    keeper,
    journal: await store.openJournal(profile),
    seatIn: async (conversation) => {
      const key = profile.generationKey;
      return encodeSeat(await key.derive(fromHex(conversation), "parley-1 seat", SEAT_BYTES));
    },
  };
}
