/**
 * All attacks, in the order in which they are played and printed.
 *
 * @module
 */
import { type Attack, FAMILIES } from "./attack.ts";
import { cfbBitFlip } from "./attacks/cfb_bit_flip.ts";
import { codeLeftOut } from "./attacks/code_left_out.ts";
import { counterOverflow } from "./attacks/counter_overflow.ts";
import { crossContextSignature } from "./attacks/cross_context_signature.ts";
import { cutConversation } from "./attacks/cut_conversation.ts";
import { dropping } from "./attacks/dropping.ts";
import { escapesInError } from "./attacks/escapes_in_error.ts";
import { escapesInName } from "./attacks/escapes_in_name.ts";
import { escapesInText } from "./attacks/escapes_in_text.ts";
import { forkedChain } from "./attacks/forked_chain.ts";
import { forgedReset } from "./attacks/forged_reset.ts";
import { forgeryWithoutKey } from "./attacks/forgery_without_key.ts";
import { guessAndBreakOff } from "./attacks/guess_and_break_off.ts";
import { guessableNonce } from "./attacks/guessable_nonce.ts";
import { handshakeReflection } from "./attacks/handshake_reflection.ts";
import { headerChange } from "./attacks/header_change.ts";
import { identityMisbinding } from "./attacks/identity_misbinding.ts";
import { inheritedEventName } from "./attacks/inherited_event_name.ts";
import { inviteCodeDictionary } from "./attacks/invite_code_dictionary.ts";
import { inviteCodeGuess } from "./attacks/invite_code_guess.ts";
import { ivFlip } from "./attacks/iv_flip.ts";
import { kemDowngrade } from "./attacks/kem_downgrade.ts";
import { kemReplaced } from "./attacks/kem_replaced.ts";
import { kemStripped } from "./attacks/kem_stripped.ts";
import { keySubstitution } from "./attacks/key_substitution.ts";
import { manInTheMiddle } from "./attacks/man_in_the_middle.ts";
import { messageReflection } from "./attacks/message_reflection.ts";
import { nestedJson } from "./attacks/nested_json.ts";
import { nonceReuse } from "./attacks/nonce_reuse.ts";
import { oversizedJson } from "./attacks/oversized_json.ts";
import { peerSuppliedGroup } from "./attacks/peer_supplied_group.ts";
import { prefixCut } from "./attacks/prefix_cut.ts";
import { prototypePollution } from "./attacks/prototype_pollution.ts";
import { questionSwapped } from "./attacks/question_swapped.ts";
import { rOutOfRange } from "./attacks/r_out_of_range.ts";
import { reordering } from "./attacks/reordering.ts";
import { replayAcrossSessions } from "./attacks/replay_across_sessions.ts";
import { replayHandshake } from "./attacks/replay_handshake.ts";
import { replayInSession } from "./attacks/replay_in_session.ts";
import { sPlusQ } from "./attacks/s_plus_q.ts";
import { shareMinusOne } from "./attacks/share_minus_one.ts";
import { shareNonResidue } from "./attacks/share_non_residue.ts";
import { shareOne, shareZero } from "./attacks/share_zero_or_one.ts";
import { shortFingerprint } from "./attacks/short_fingerprint.ts";
import { shortNonces } from "./attacks/short_nonces.ts";
import { signatureDowngrade } from "./attacks/signature_downgrade.ts";
import { strippedMac } from "./attacks/stripped_mac.ts";
import { suiteDowngrade } from "./attacks/suite_downgrade.ts";
import { transcriptChanged } from "./attacks/transcript_changed.ts";
import { truncation } from "./attacks/truncation.ts";
import { unknownVersion } from "./attacks/unknown_version.ts";
import { unprovedShare } from "./attacks/unproved_share.ts";
import { unsignedLine } from "./attacks/unsigned_line.ts";
import { weakSignatureKey } from "./attacks/weak_signature_key.ts";

const ALL: readonly Attack[] = [
  manInTheMiddle,
  shortFingerprint,
  keySubstitution,
  forgedReset,
  handshakeReflection,
  identityMisbinding,
  unprovedShare,
  replayHandshake,
  inviteCodeGuess,
  guessAndBreakOff,
  inviteCodeDictionary,
  forgeryWithoutKey,
  rOutOfRange,
  sPlusQ,
  nonceReuse,
  guessableNonce,
  shortNonces,
  weakSignatureKey,
  crossContextSignature,
  shareZero,
  shareOne,
  shareMinusOne,
  shareNonResidue,
  peerSuppliedGroup,
  replayInSession,
  replayAcrossSessions,
  reordering,
  dropping,
  cutConversation,
  truncation,
  prefixCut,
  cfbBitFlip,
  ivFlip,
  strippedMac,
  messageReflection,
  counterOverflow,
  headerChange,
  suiteDowngrade,
  kemDowngrade,
  kemStripped,
  kemReplaced,
  signatureDowngrade,
  codeLeftOut,
  unknownVersion,
  escapesInText,
  escapesInName,
  escapesInError,
  oversizedJson,
  nestedJson,
  prototypePollution,
  inheritedEventName,
  transcriptChanged,
  questionSwapped,
  unsignedLine,
  forkedChain,
];

/** Every attack, chapter by chapter. */
export const ATTACKS: readonly Attack[] = FAMILIES.flatMap((family) =>
  ALL.filter((attack) => attack.family === family)
);

/** The attack of this name. */
export function findAttack(name: string): Attack | undefined {
  return ATTACKS.find((attack) => attack.name === name);
}
