/**
 * Errors about a profile: each has a stable code and an exit code.
 *
 * @module
 */
import { EXIT, type ExitCode, ParleyError } from "../errors.ts";

/** The code of a {@link ProfileError}. */
export type ProfileCode =
  /** The passphrase does not open the profile. */
  | "wrong-passphrase"
  /** The profile's files were changed or damaged. */
  | "profile-tampered"
  /** An older state was put in the place of the newest. */
  | "profile-rollback"
  /** The profile's file is gone, and was there. */
  | "profile-missing"
  /** Another client has the profile open. */
  | "profile-in-use"
  /** No space is left for it. */
  | "disk-full"
  /** It can't be written, for another reason than space. */
  | "cannot-save"
  /** It can't be read. */
  | "cannot-read"
  /** There is no profile of that name. */
  | "no-profile"
  /** There is one already. */
  | "profile-exists"
  /** A newer parley made it. */
  | "profile-version"
  /** No passphrase was given, or none that will do. */
  | "no-passphrase"
  /** The key is known, and is not the expected contact's. */
  | "wrong-peer"
  /** A known name came with another key. */
  | "key-changed"
  /** No further contact can be remembered. */
  | "contacts-full";

const EXIT_OF: Readonly<Record<ProfileCode, ExitCode>> = {
  "wrong-passphrase": EXIT.passphrase,
  "profile-tampered": EXIT.untrusted,
  "profile-rollback": EXIT.rollback,
  "profile-missing": EXIT.rollback,
  "profile-in-use": EXIT.inUse,
  "disk-full": EXIT.unsaved,
  "cannot-save": EXIT.unsaved,
  "cannot-read": EXIT.failed,
  "no-profile": EXIT.failed,
  "profile-exists": EXIT.failed,
  "profile-version": EXIT.failed,
  "no-passphrase": EXIT.usage,
  "wrong-peer": EXIT.untrusted,
  "key-changed": EXIT.untrusted,
  "contacts-full": EXIT.failed,
};

/** A profile can't be used, or the peer is not the contact that the profile knows. */
export class ProfileError extends ParleyError {
  /** An error about a profile. */
  constructor(code: ProfileCode, message: string) {
    super(code, message, EXIT_OF[code]);
  }
}
