/**
 * Every error that parley raises on purpose, in one hierarchy.
 *
 * The base class carries a stable `code` (for scripts and for `--json`), and each family maps to one
 * exit code of the command line. Misuse of the library by its caller (a wrong length, a negative
 * exponent) is a plain `RangeError` or `TypeError` instead, because that is a bug and not an event.
 *
 * @module
 */

/** Process exit codes, as `--help` and docs/SCRIPTING.md document them. */
export const EXIT = {
  /** The user or the end of input ended the conversation. */
  ok: 0,
  /** Something failed that none of the other codes names. */
  failed: 1,
  /** The command line could not be understood. */
  usage: 2,
  /** A cryptographic check failed: nothing was sent, nothing is trusted. */
  untrusted: 3,
  /** The relay could not be reached. */
  unreachable: 4,
  /** The passphrase does not open the profile. */
  passphrase: 5,
  /** An older profile was put in the place of the newest, or its file is gone. */
  rollback: 6,
  /** The profile can't be written: the disk is full, or something else is in the way. */
  unsaved: 7,
  /** Another client has the profile open. */
  inUse: 8,
} as const;

/** One of the numbers in {@link EXIT}. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** The root of the hierarchy. `message` is written for the person who reads it. */
export class ParleyError extends Error {
  /** A stable identifier, lower case with hyphens, for example `bad-signature`. */
  readonly code: string;
  /** What a command line exits with when this error ends it. */
  readonly exitCode: ExitCode;

  /**
   * An error with everything that its reader and its scripts need.
   *
   * @param code stable identifier
   * @param message one line: what happened, what was expected, what to do
   * @param exitCode the process exit code that fits
   */
  constructor(code: string, message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command line could not be understood. Exit code 2. */
export class UsageError extends ParleyError {
  /**
   * A usage error, code `usage`.
   *
   * @param message what was given and what was expected
   */
  constructor(message: string) {
    super("usage", message, EXIT.usage);
  }
}

/** Bytes from outside do not have the form that docs/PROTOCOL.md gives them. Exit code 3. */
export class WireError extends ParleyError {
  /** The field at fault, by its name in docs/PROTOCOL.md. */
  readonly field: string;
  /** What the field should have held. */
  readonly expected: string;
  /** What it held, described by kind or length and never by content. */
  readonly got: string;

  /**
   * A fault of form in one field, code `malformed`.
   *
   * @param field name of the field in docs/PROTOCOL.md
   * @param expected what the specification asks for
   * @param got what came: a kind, a length or a small number, never secret bytes
   */
  constructor(field: string, expected: string, got: string) {
    super("malformed", `malformed ${field}: expected ${expected}, got ${got}`, EXIT.untrusted);
    this.field = field;
    this.expected = expected;
    this.got = got;
  }
}

/** The cryptographic checks that can fail, each with a stable code. */
export type CheckCode =
  /** A public key that is not a valid element, or an ML-KEM key that does not encode one. */
  | "bad-key"
  /** A Diffie-Hellman share outside the subgroup. */
  | "bad-share"
  /** A signature that the key announced before does not verify. */
  | "bad-signature"
  /** Statements that do not follow one another. */
  | "bad-chain"
  /** The key confirmation: the two sides do not hold the same secret and transcript. */
  | "bad-confirmation"
  /** The key confirmation, where an invite code is part of the secret. */
  | "bad-code"
  /** Nothing proves who the other side is, and the user wants that (`--require-verified`). */
  | "unverified"
  /** We want no signatures, and the other side wants some. */
  | "not-deniable"
  /** A message that does not authenticate, or that came before. */
  | "bad-message"
  /** Somebody else than the one whom the invite code proved. */
  | "other-peer"
  /** Our own message, sent back to us. */
  | "reflection"
  /** The two sides run different suites, or want different modes of one. */
  | "suite-mismatch"
  /** A second message where the protocol has one, or one that has no place in it. */
  | "unexpected";

/** A cryptographic check failed. The session that meets it ends and sends nothing. Exit code 3. */
export class CheckError extends ParleyError {
  /**
   * A failed check.
   *
   * @param code which check failed
   * @param message which check failed and what that may mean
   */
  constructor(code: CheckCode, message: string) {
    super(code, message, EXIT.untrusted);
  }
}

/** The relay refused, broke its side of the protocol, or lets too little pass (`relay-limit`). Exit code 1. */
export class RelayError extends ParleyError {
}

/** The relay could not be reached. Exit code 4. */
export class UnreachableError extends ParleyError {
  /**
   * An unreachable relay, code `unreachable`.
   *
   * @param message which address was tried and what to do
   */
  constructor(message: string) {
    super("unreachable", message, EXIT.unreachable);
  }
}
