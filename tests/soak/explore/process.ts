/** A process: one person in one run of the protocol. */
import type { SigningKey } from "../../../lib/crypto/elgamal.ts";
import type { HandshakeOptions } from "../../../lib/protocol/handshake.ts";
import type { OwnItem, OwnStatement } from "../../../lib/protocol/session.ts";
import { newResume } from "../../../lib/protocol/signal.ts";
import { seededRandom } from "../../helpers/seeded_random.ts";
import { EPOCH, identityOf, optionsOf } from "../../helpers/session_pair.ts";

/** One session of one person. */
export interface Process {
  /** Unique in its scenario; names its randomness, too. */
  readonly name: string;
  readonly options: HandshakeOptions;
  /** The key with which it signs, in hexadecimal, whatever key it presents. */
  readonly key: string;
  /** The keys that it may find at the other end, in hexadecimal: what its person has pinned. */
  readonly expects: readonly string[];
  /** What it sends, in this order, each as soon as the session is secure or later. */
  readonly script: readonly (readonly OwnItem[])[];
  /** It acknowledges what it is shown. */
  readonly receipts: boolean;
}

/** What there is to choose about a process. */
export interface ProcessOptions {
  /** Which of this person's sessions it is. */
  readonly run?: number;
  /** The persons that it may find at the other end. */
  readonly expects: readonly string[];
  readonly texts?: number;
  readonly goodbye?: boolean;
  /** Whose key it presents, if not its own: it can't sign with that one. */
  readonly as?: string;
  readonly receipts?: boolean;
  /** What it brings beside its identity. */
  readonly brings?: Partial<HandshakeOptions>;
}

/** A person in one run. */
export function processOf(person: string, options: ProcessOptions): Process {
  const { run = 1, texts = 0, goodbye = false, as, receipts = false } = options;
  const name = as === undefined ? `${person} ${run}` : `${person} ${run} as ${as}`;
  const statements = Array.from({ length: texts }, (_, i): OwnStatement => (
    { type: "text", text: `text ${i} of ${name}`, time: EPOCH, seen: 0 }
  ));
  if (goodbye) statements.push({ type: "end", text: "", time: EPOCH, seen: 0 });
  const script: OwnItem[][] = statements.map((statement) => [statement]);
  // The first bundle begins with where delivery goes on.
  if (receipts && script.length === 0) script.push([]);
  script[0]?.unshift(newResume(seededRandom(name)));
  const presented = as === undefined ? {} : { identity: presenting(as, identityOf(person)) };
  return {
    name,
    options: { ...optionsOf(person, options.brings), ...presented },
    key: keyOf(person),
    expects: options.expects.map(keyOf),
    script,
    receipts,
  };
}

function keyOf(person: string): string {
  return identityOf(person).publicKey.bytes.toHex();
}

/** One person's public key over another's private one. */
function presenting(person: string, own: SigningKey): SigningKey {
  const { publicKey } = identityOf(person);
  const sign: SigningKey["sign"] = (...args) => own.sign(...args);
  return { publicKey, sign } as SigningKey;
}
