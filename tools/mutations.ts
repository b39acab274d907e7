/**
 * The checks of the protocol, each with the change that takes it away, for tools/mutate.ts.
 *
 * A check that can be taken away without any test failing is either not tested or not needed.
 *
 * @module
 */

/** One check, taken away. */
export interface Mutation {
  /** What is no longer so. */
  readonly check: string;
  /** The file, below lib/. */
  readonly file: string;
  /** Text that occurs in it once. */
  readonly from: string;
  /** What stands there instead. */
  readonly to: string;
  /** The tests of which at least one has to fail, below tests/ and without `_test.ts`. */
  readonly tests: readonly string[];
}

/** Each change as [check, from, to], in one file and with the tests that hold it. */
function mutationsOf(
  file: string,
  tests: readonly string[],
  changes: readonly (readonly [check: string, from: string, to: string])[],
): Mutation[] {
  return changes.map(([check, from, to]) => ({ check, file, from, to, tests }));
}

const SIGNATURE = mutationsOf("crypto/elgamal.ts", ["crypto/elgamal"], [
  [
    "signature: its length",
    "if (signature.length !== signatureBytes(this.group)) return false;",
    "",
  ],
  ["signature: 1 < r", "r <= 1n || r >= p", "r >= p"],
  ["signature: r < p", "r <= 1n || r >= p", "r <= 1n"],
  ["signature: 0 < s", "s <= 0n || s >= q", "s >= q"],
  ["signature: s < q", "s <= 0n || s >= q", "s <= 0n"],
  ["signature: r is a square", "if (jacobi(r, p) !== 1) return false;", ""],
  [
    "signature: the equation",
    "return modPow(g, h, p) === modPowProduct([[this.y, r], [r, s]], p);",
    "return true;",
  ],
  ["signature: the context is hashed", "const fields = [utf8(context), ", "const fields = ["],
  ["signature: the group is hashed", "utf8(group.name), i2osp(y", "i2osp(y"],
  ["signature: the key is hashed", "i2osp(y, width), i2osp(r", "i2osp(r"],
  ["signature: r is hashed", "i2osp(r, width), message", "message"],
  ["signature: the message is hashed", "i2osp(r, width), message]", "i2osp(r, width)]"],
  [
    "signature: the nonce has fresh entropy",
    "digest, random(NONCE_ENTROPY_BYTES)",
    "digest, new Uint8Array()",
  ],
  [
    "signature: the nonce depends on the message",
    "this.#x, digest, random",
    "this.#x, utf8(''), random",
  ],
  ["key: its length", "if (bytes.length !== group.elementBytes) return null;", ""],
  ["key: 1 < y", "y <= 1n || y >= group.p - 1n", "y >= group.p - 1n"],
  ["key: y < p - 1", "y <= 1n || y >= group.p - 1n", "y <= 1n"],
  ["key: y is a square", "jacobi(y, group.p) === 1 ?", "true ?"],
]);

const SHARE = mutationsOf("crypto/diffie_hellman.ts", ["crypto/diffie_hellman"], [
  ["share: its length", "if (bytes.length !== group.elementBytes) return null;", ""],
  ["share: 1 < share", "share <= 1n || share >= group.p - 1n", "share >= group.p - 1n"],
  ["share: share < p - 1", "share <= 1n || share >= group.p - 1n", "share <= 1n"],
  ["share: it is a square", "jacobi(share, group.p) === 1 ?", "true ?"],
]);

const BOX = mutationsOf("crypto/secret_box.ts", ["crypto/secret_box"], [
  [
    "box: the tag",
    "if (!await verifyHmacSha256(key.mac, authenticated(header, body), tag)) return null;",
    "",
  ],
  ["box: its least length", "if (box.length < BOX_OVERHEAD_BYTES) return null;", ""],
  ["box: the header is authenticated", "4), header, body)", "4), body)"],
  [
    "box: the header's length is authenticated",
    "i2osp(BigInt(header.length), 4), header",
    "header",
  ],
]);

const WIRE = [
  ...mutationsOf("protocol/codec.ts", ["protocol/codec"], [
    ["codec: enough bytes are left", "if (left < length)", "if (false)"],
    ["codec: no bytes are left over", "if (left > 0)", "if (false)"],
    [
      "codec: integers that a number holds",
      "if (value > BigInt(Number.MAX_SAFE_INTEGER))",
      "if (false)",
    ],
    ["codec: integers that fit their width", "!Number.isInteger(n) || n < 0 || n > max", "false"],
  ]),
  ...mutationsOf("protocol/wire.ts", ["protocol/wire"], [
    ["wire: the suite's name", "if (!suite.every((byte, i) => byte === PREFIX[i]))", "if (false)"],
    [
      "wire: another version is told apart",
      "if (FAMILY.every((byte, i) => byte === suite[i])) throw otherVersion(name);",
      "",
    ],
    ["wire: the type", "if (got !== type)", "if (false)"],
    ["wire: unknown modes", "if ((modes & ~(MODE.deniable | MODE.invite)) !== 0)", "if (false)"],
    [
      "wire: a hello's end",
      'kemKey: reader.bytes("kemKey", KEM_KEY_BYTES),\n  };\n  reader.end();',
      'kemKey: reader.bytes("kemKey", KEM_KEY_BYTES),\n  };',
    ],
    [
      "wire: a share's end",
      'signature: reader.bytes("signature", SIGNATURE_BYTES),\n  };\n  reader.end();',
      'signature: reader.bytes("signature", SIGNATURE_BYTES),\n  };',
    ],
    [
      "wire: a confirmation's end",
      "CONFIRMATION_BYTES + BOX_OVERHEAD_BYTES);\n  reader.end();",
      "CONFIRMATION_BYTES + BOX_OVERHEAD_BYTES);",
    ],
    [
      "wire: a box's least length",
      'reader.rest("box", BOX_OVERHEAD_BYTES)',
      'reader.rest("box", 0)',
    ],
    [
      "wire: a payload is bytes",
      'throw new WireError(name, "bytes", payload === null ? "null" : typeof payload);',
      "return new Uint8Array();",
    ],
    [
      "wire: a payload is copied",
      "return copyBytes(payload);",
      "return new Uint8Array(payload.buffer ?? payload);",
    ],
  ]),
];

const HANDSHAKE = [
  ...mutationsOf("protocol/handshake.ts", ["protocol/handshake"], [
    [
      "handshake: one message of each kind",
      "if (state.done || state.received[kind] !== undefined)",
      "if (false)",
    ],
    [
      "handshake: our own key is a reflection",
      "if (equalBytes(peerHello.identity, own.hello.identity))",
      "if (false)",
    ],
    [
      "handshake: invite code on both sides or neither",
      "if (own.invite !== peer.invite)",
      "if (false)",
    ],
    ["handshake: the peer's key is one", "if (peerIdentity === null)", "if (false)"],
    ["handshake: the peer's ML-KEM key is one", "if (encapsulated === null)", "if (false)"],
    [
      "handshake: the share's signature",
      "if (!await verifyShare(peerIdentity, received.hello!, own.helloBytes, share))",
      "if (false)",
    ],
    [
      "handshake: the signer's hello is signed",
      "    signerHello,\n    otherHello,\n    share.share",
      "    otherHello,\n    share.share",
    ],
    [
      "handshake: the other's hello is signed",
      "    otherHello,\n    share.share",
      "    share.share",
    ],
    [
      "handshake: the share is signed",
      "    share.share,\n    share.ratchetKey",
      "    share.ratchetKey",
    ],
    [
      "handshake: the ratchet key is signed",
      "    share.ratchetKey,\n    share.kem",
      "    share.kem",
    ],
    ["handshake: the ML-KEM ciphertext is signed", "    share.kemCiphertext,\n  );", "  );"],
    [
      "handshake: the share's signature has a purpose of its own",
      '"parley-1 key exchange signature"',
      '"parley-1 statement signature"',
    ],
    ["handshake: the peer's share is one", "peerShare === null || parseShare", "parseShare"],
    [
      "handshake: the peer's ratchet key is one",
      "peerShare === null || parseShare(group, share.ratchetKey) === null",
      "peerShare === null",
    ],
    [
      "handshake: the confirmation",
      "if (plaintext === null) throw confirmationError(state.own.options.code !== null);",
      "if (plaintext === null) return { role, keys, ratchet: state.own.ratchet, peerRatchetKey, " +
      'peerIdentity, peerName: "", deniable: false, transcript };',
    ],
    [
      "handshake: deniable only if both ask",
      "state.own.hello.deniable && peerHello.deniable",
      "state.own.hello.deniable || peerHello.deniable",
    ],
    [
      "handshake: nonces are fresh",
      "nonce: environment.random(NONCE_BYTES)",
      "nonce: new Uint8Array(NONCE_BYTES)",
    ],
    ["name: our own fits", "if (utf8(name).length > MAX_NAME_BYTES)", "if (false)"],
    ["name: the peer's length", "|| length > MAX_NAME_BYTES", ""],
    [
      "name: the padding is zeros",
      "if (plaintext.subarray(1 + length).some((byte) => byte !== 0))",
      "if (false)",
    ],
    [
      "name: UTF-8",
      'throw new WireError("confirmation.name", "UTF-8", "other bytes");',
      'return "?";',
    ],
    [
      "name: padded to one length",
      "CONFIRMATION_BYTES - 1 - name.length)",
      "0)",
    ],
  ]),
  ...mutationsOf("protocol/key_schedule.ts", ["protocol/key_schedule"], [
    [
      "keys: the transcript is their salt",
      "hkdf(secret, sessionId, utf8",
      "hkdf(secret, new Uint8Array(), utf8",
    ],
    [
      "keys: the low hello is in the transcript",
      "helloLow, helloHigh, shareLow, shareHigh);",
      "helloHigh, shareLow, shareHigh);",
    ],
    [
      "keys: the high hello is in the transcript",
      "helloLow, helloHigh, shareLow, shareHigh);",
      "helloLow, shareLow, shareHigh);",
    ],
    [
      "keys: the low share is in the transcript",
      "helloLow, helloHigh, shareLow, shareHigh);",
      "helloLow, helloHigh, shareHigh);",
    ],
    [
      "keys: the high share is in the transcript",
      "helloLow, helloHigh, shareLow, shareHigh);",
      "helloLow, helloHigh, shareLow);",
    ],
    ["keys: from the Diffie-Hellman secret", "concatBytes(secrets.diffieHellman, ", "concatBytes("],
    ["keys: from low's ML-KEM secret", "secrets.kemLow, secrets.kemHigh)", "secrets.kemHigh)"],
    ["keys: from high's ML-KEM secret", "secrets.kemLow, secrets.kemHigh)", "secrets.kemLow)"],
    ["keys: each side confirms with its own", '"confirmation high"', '"confirmation low"'],
    ["keys: the chain is not the root", '"chain high"', '"root"'],
  ]),
  ...mutationsOf("protocol/handshake.ts", ["protocol/handshake", "protocol/golden"], [
    [
      "handshake: the ML-KEM secrets go in, ours",
      "inOrder(role, exchange.kemSecret, peerKemSecret)",
      "inOrder(role, new Uint8Array(32), peerKemSecret)",
    ],
    [
      "handshake: the ML-KEM secrets go in, the peer's",
      "inOrder(role, exchange.kemSecret, peerKemSecret)",
      "[new Uint8Array(32), new Uint8Array(32)]",
    ],
  ]),
];

const CODE = [
  ...mutationsOf("protocol/handshake.ts", ["protocol/invite_code"], [
    [
      "code: the generator comes from it",
      "return cpaceGenerator(group, code, low, high);",
      "return group.g;",
    ],
    ["code: a hello says that there is one", "invite: options.code !== null", "invite: false"],
    [
      "code: a wrong one has an error of its own",
      "throw confirmationError(state.own.options.code !== null)",
      "throw confirmationError(false)",
    ],
  ]),
  ...mutationsOf("protocol/cpace.ts", ["protocol/cpace"], [
    ["code: it enters the generator", "hkdf(utf8(code), sid", 'hkdf(utf8("x"), sid'],
    [
      "code: the generator belongs to one session",
      "hkdf(utf8(code), sid",
      "hkdf(utf8(code), new Uint8Array()",
    ],
    ["code: the low hello enters it", 'sid", helloLow, helloHigh)', 'sid", helloHigh)'],
    ["code: the high hello enters it", 'sid", helloLow, helloHigh)', 'sid", helloLow)'],
    ["code: the generator is a square", "root * root % group.p", "root"],
  ]),
  ...mutationsOf("protocol/session.ts", ["protocol/invite_code"], [
    ["code: breaking off spends it", "isCodeAtRisk(session) ? spentCode(error) : error", "error"],
    [
      "code: leaving spends it",
      'if (isCodeAtRisk(session)) throw new CheckError("unexpected", "it left");',
      "",
    ],
    [
      "code: it is not at risk before our proof is out",
      "session.options.code !== null && session.handshake?.agreement != null",
      "session.options.code !== null && session.handshake != null",
    ],
  ]),
  ...mutationsOf("protocol/invite.ts", ["protocol/invite"], [
    [
      "code: its words are in the lists",
      "if (LISTS[i]!.includes(word)) continue;",
      "if (word) continue;",
    ],
    ["code: it has all its words", "|| words.length !== LISTS.length", ""],
  ]),
];

const RATCHET = mutationsOf("protocol/ratchet.ts", ["protocol/ratchet"], [
  [
    "ratchet: the tag",
    "if (payload === null) throw refused();\n  return payload;",
    "return payload ?? new Uint8Array();",
  ],
  ["ratchet: MAX_SKIP", "|| number - chain.next > MAX_SKIP", ""],
  [
    "ratchet: MAX_SKIP in a new chain, before it costs anything",
    "if (envelope.number > MAX_SKIP) throw refused();",
    "",
  ],
  ["ratchet: a number behind the chain, before it costs anything", "number < chain.next || ", ""],
  ["ratchet: MAX_SKIPPED_STORED", ".slice(-MAX_SKIPPED_STORED)", ""],
  [
    "ratchet: MAX_SKIPPED_STEPS",
    "stored.filter(({ step }) => steps - step <= MAX_SKIPPED_STEPS)",
    "stored",
  ],
  [
    "ratchet: the oldest keys go first",
    ".slice(-MAX_SKIPPED_STORED)",
    ".slice(0, MAX_SKIPPED_STORED)",
  ],
  [
    "ratchet: a key in the group",
    "const peerKey = parseShare(ratchet.own.group, envelope.ratchetKey);\n  if (peerKey === null) throw refused();",
    'const peerKey = BigInt("0x" + envelope.ratchetKey.toHex());',
  ],
  [
    "ratchet: a skipped key opens once",
    "ratchet.skipped.filter((entry) => entry !== found)",
    "ratchet.skipped",
  ],
  [
    "ratchet: a skipped key belongs to one chain",
    "&& equalBytes(skipped.ratchetKey, envelope.ratchetKey)",
    "",
  ],
  [
    "ratchet: the end of a chain is kept",
    "[...ratchet.skipped, ...late.skipped]",
    "ratchet.skipped",
  ],
  [
    "ratchet: the session is authenticated",
    "concatBytes(ratchet.sessionId, encodeHeader(header))",
    "encodeHeader(header)",
  ],
  [
    "ratchet: the header is authenticated",
    "concatBytes(ratchet.sessionId, encodeHeader(header))",
    "ratchet.sessionId",
  ],
  [
    "ratchet, forward secrecy: a chain key moves on",
    "chain: { key: next, next: chain.next + 1 }",
    "chain: { key: chain.key, next: chain.next + 1 }",
  ],
  [
    "ratchet, forward secrecy: a message key is no chain key",
    "hmacSha256(chain.key, Uint8Array.of(1))",
    "hmacSha256(chain.key, Uint8Array.of(2))",
  ],
  [
    "ratchet, healing: fresh keys",
    "const own = DiffieHellmanKeyPair.generate(group, random);",
    "const own = DiffieHellmanKeyPair.generate(group, (n) => new Uint8Array(n).map((_, i) => ratchet.root[i % 32]!));",
  ],
  [
    "ratchet, healing: the secret enters the root",
    'hkdf(secret, root, utf8("parley-1 ratchet root")',
    'hkdf(new Uint8Array(32), root, utf8("parley-1 ratchet root")',
  ],
  ["ratchet: fresh IVs", "random(BLOCK_BYTES),", "new Uint8Array(BLOCK_BYTES),"],
]);

const FIRST_KEYS = mutationsOf("protocol/ratchet.ts", ["protocol/handshake"], [
  [
    "ratchet: low begins with the key that it signed",
    "return { ...common, root, own: ratchet, sending: { key: chain, next: 0 }, receiving };",
    "return renewSending({ ...common, root: keys.root, own: ratchet, receiving }, random);",
  ],
]);

const PADDING = mutationsOf("protocol/padding.ts", ["protocol/padding"], [
  ["padding: the mark", "padded[end] !== MARK || ", ""],
  ["padding: the length", " || padmeLength(end + 1) !== padded.length", ""],
  [
    "padding: zeros",
    "while (end >= 0 && padded[end] === 0) end--;",
    "while (end >= 0 && padded[end] !== MARK) end--;",
  ],
  ["padding: a least length", "if (length <= MIN_PADDED_BYTES) return MIN_PADDED_BYTES;", ""],
  ["padding: Padmé's classes", "return Math.ceil(length / unit) * unit;", "return length;"],
  [
    "padding: all that is sealed is padded",
    "new Uint8Array(padmeLength(payload.length + 1))",
    "new Uint8Array(payload.length + 1)",
  ],
]);

const STATEMENT = [
  ...mutationsOf("protocol/statement.ts", ["protocol/statement"], [
    ["statement: a payload's type", "if (type !== TYPE.statement)", "if (false)"],
    [
      "statement: a receipt's end",
      'const count = reader.u64("count");\n    reader.end();',
      'const count = reader.u64("count");',
    ],
    [
      "statement: its end",
      'const body = reader.bytes("body", length);\n  reader.end();',
      'const body = reader.bytes("body", length);',
    ],
    ["statement: its time", "if (time > MAX_TIME)", "if (false)"],
    [
      "statement: its kind",
      'throw new WireError("payload.kind", "1 to 3", String(byte));',
      'return "text";',
    ],
    ["statement: signed is 0 or 1", "if (signed > 1)", "if (false)"],
    ["statement: the longest text", "if (length > most)", "if (false)"],
    ["statement: a goodbye has no text", 'kind === "end" ? 0 : MAX_TEXT_BYTES', "MAX_TEXT_BYTES"],
    ["statement: how much it answers is hashed", "    u64(statement.seen),\n", ""],
    ["statement: what it answers is hashed", "    answered,\n  );", "  );"],
    ["statement: the session is hashed", "    sessionId,\n    sender.bytes", "    sender.bytes"],
    ["statement: the sender is hashed", "    sender.bytes,\n", ""],
    ["statement: the sequence is hashed", "    u64(statement.sequence),\n", ""],
    ["statement: the time is hashed", "    u64(statement.time),\n", ""],
    ["statement: the kind is hashed", "    u8(KIND[statement.kind]),\n", ""],
    ["statement: the text is hashed", "    await sha256(statement.body),\n", ""],
    ["statement: the one before is hashed", "    statement.previous,\n", ""],
    [
      "statement: its signature has a purpose of its own",
      '"parley-1 statement signature";',
      '"parley-1 key exchange signature";',
    ],
    [
      "statement: the signature",
      "return key.verify(STATEMENT_CONTEXT, hash, signature);",
      "return Promise.resolve(true);",
    ],
  ]),
  ...mutationsOf("protocol/channel.ts", ["protocol/session_peer"], [
    [
      "chain: each follows the one before",
      "if (!equalBytes(statement.previous, peer.previous))",
      "if (false)",
    ],
    [
      "chain: it answers what was said",
      "if (head === null || head.count !== count) return null;",
      "if (head === null || head.count !== count) return { answered: heads.hash, kept: heads };",
    ],
    [
      "chain: it answers no less than the one before",
      "  return { answered: head.hash, kept };",
      "  return { answered: head.hash, kept: heads };",
    ],
    ["chain: one statement in one place", "if (statement.sequence < next)", "if (false)"],
    ["chain: one statement waits for one place", "if (twice) {", "if (false) {"],
    [
      "chain: so many wait",
      "if (channel.held.length >= MAX_HELD) return { channel, effects: [] };",
      "",
    ],
    ["chain: nothing after the goodbye", "if (peer.ended) throw", "if (false) throw"],
    [
      "chain: what waited is checked, too",
      "const accepted: ChannelTransition = await accept(current, due);",
      "const accepted: ChannelTransition = due === statement ? await accept(current, due) : { channel: { ...current, peer: { ...current.peer, next: current.peer.next + 1 } }, effects: [] };",
    ],
    [
      "signature: on a statement",
      "if (!await verifyStatement(peerIdentity, hash, statement.signature))",
      "if (false)",
    ],
    ["signature: one in 32 statements", "uncovered >= MAX_UNSIGNED || ", ""],
    ["signature: on a goodbye", ' || statement.kind === "end")', ")"],
    [
      "signature: none in a deniable session",
      "if (deniable) throw new WireError",
      "if (false) throw new WireError",
    ],
    ["receipt: for no more than was said", "if (count > channel.own.next)", "if (false)"],
    [
      "statement: the text is UTF-8",
      'throw new WireError("payload.body", "UTF-8", "other bytes");',
      'return "?";',
    ],
    [
      "padding: checked before what is in it",
      "parsePayload(unpad(opened.payload))",
      "parsePayload(opened.payload.slice(0, opened.payload.lastIndexOf(0x80)))",
    ],
  ]),
  ...mutationsOf("protocol/session.ts", ["protocol/session_peer"], [
    [
      "session: a failure ends it",
      'session: ended(session),\n      effects: [{ type: "failed"',
      'session,\n      effects: [{ type: "failed"',
    ],
    [
      "session: an ended one stays so",
      'if (session.phase === "ended") return unchanged(session);',
      "",
    ],
    [
      "session: an ended one has no keys",
      'phase: "ended", handshake: null, channel: null',
      'phase: "ended"',
    ],
  ]),
  ...mutationsOf("protocol/channel.ts", ["protocol/session"], [
    [
      "session: our texts fit",
      "if (texts.some((text) => utf8(text).length > MAX_TEXT_BYTES))",
      "if (false)",
    ],
    [
      "session: a forged message is refused, no failure",
      '    if (!(error instanceof ParleyError)) throw error;\n    return { channel, effects: [{ type: "refused", error }] };',
      "    throw error;",
    ],
    [
      "session: an old receipt says nothing",
      "if (count <= channel.delivered) return { channel, effects: [] };",
      "",
    ],
    [
      "session: nothing after our goodbye",
      "if (own.ended) return { channel, effects: [alreadyFinished()] };",
      "",
    ],
    ["session: one goodbye", "if (channel.own.ended) return { channel, effects: [] };", ""],
    ["session: the last of a burst is signed", "i === texts.length - 1 || (i + 1)", "(i + 1)"],
    ["session: every 32nd of a burst is signed", " || (i + 1) % MAX_UNSIGNED === 0", ""],
    [
      "session: a deniable one signs nothing",
      "const signed = sign && !deniable;",
      "const signed = sign;",
    ],
    [
      "session: a receipt when there is news",
      "if (channel.acknowledged === channel.peer.next) return { channel, effects: [] };",
      "",
    ],
    [
      "session: a gap is announced again",
      "if (current.held.length > 0) effects.push(gap(current));",
      "",
    ],
    [
      "session: settled with our goodbye",
      "own.ended && peer.ended && delivered",
      "peer.ended && delivered",
    ],
    [
      "session: settled with theirs",
      "own.ended && peer.ended && delivered",
      "own.ended && delivered",
    ],
    ["session: settled when ours has arrived", "&& delivered === own.next", ""],
    ["session: settled when theirs is confirmed", "&& acknowledged === peer.next", ""],
    [
      "session: covered counts are announced",
      "if (covered > peer.covered && covered - peer.covered > 1)",
      "if (false)",
    ],
    [
      "session: unsigned is shown as such",
      "const signed = deniable || covered === next.next;",
      "const signed = true;",
    ],
  ]),
  ...mutationsOf("protocol/session.ts", ["protocol/session"], [
    ["session: one start", 'if (session.phase !== "waiting") return unchanged(session);', ""],
    [
      "session: it is clean only after a goodbye",
      "const clean = channel === null || channel.peer.ended",
      "const clean = true",
    ],
  ]),
  ...mutationsOf("protocol/session.ts", ["protocol/handshake"], [
    [
      "session: the handshake has a time",
      'throw new ParleyError("handshake-timeout", "the other side did not finish the handshake in time");',
      "return { session, effects: [] };",
    ],
    [
      "session: only the handshake has a time",
      'if (session.phase !== "handshaking") return unchanged(session);',
      "",
    ],
    [
      "session: no message before the handshake",
      "if (channel === null) return refused(",
      "if (false) return refused(",
    ],
    [
      "session: no handshake after the handshake",
      'if (session.phase === "secure") {',
      "if (false) {",
    ],
    [
      "session: the original suite is told apart",
      'if (kind === "hello" && typeof payload === "string") throw otherSuite();',
      "",
    ],
    ["session: the name fits", "  checkName(options.name);\n", ""],
  ]),
];

const SIGNAL = mutationsOf("protocol/signal.ts", ["protocol/signal"], [
  ["signal: its end", "  reader.end();\n  return signal;", "  return signal;"],
  ["signal: the highest tree", "if (depth > MAX_TREE_DEPTH)", "if (false)"],
  ["signal: the largest leaf", "if (data.length > LEAF_BYTES)", "if (false)"],
  ["signal: no empty leaf", 'reader.rest("data", 1)', 'reader.rest("data", 0)'],
  [
    "signal: the reason to stop",
    'if (reason === null) throw new WireError("payload.reason", "1 to 5", String(byte));\n  return reason;',
    'return reason ?? "failed";',
  ],
]);

const OFFER = mutationsOf("protocol/offer.ts", ["protocol/offer"], [
  [
    "offer: its name",
    'if (!isFileName(name)) throw new WireError("offer.name", "a name that fits", "something else");',
    "",
  ],
  ["offer: its name is not empty", 'name !== "" && ', ""],
  ["offer: its name is text", "name.isWellFormed() &&", ""],
  ["offer: the longest name", "utf8(name).length <= MAX_FILE_NAME_BYTES", "true"],
  [
    "offer: its size",
    'if (!isFileSize(bytes)) throw new WireError("offer.bytes", "a size", "something else");',
    "",
  ],
  ["offer: no size below zero", "(bytes as number) >= 0 && ", ""],
  ["offer: the largest size", " && (bytes as number) <= MAX_FILE_BYTES", ""],
  ["offer: the length of id and root", "text.length === 2 * bytes && ", ""],
  [
    "offer: one spelling",
    'if (encodeOffer(offer) !== text) throw new WireError("offer", "its one spelling", "another");',
    "",
  ],
]);

const HASH_TREE = mutationsOf("transfer/hash_tree.ts", ["transfer/hash_tree"], [
  ["hash tree: the proof's length", " || proof.length !== proofLength(leaves, index)", ""],
  ["hash tree: the place", "index < 0 || index >= leaves || ", ""],
  [
    "hash tree: left and right",
    "at % 2 === 0 ? hashNode(node, sibling)",
    "true ? hashNode(node, sibling)",
  ],
  ["hash tree: the root", "return equalBytes(await hashRoot(bytes, node), root);", "return true;"],
  [
    "hash tree: the root covers the length",
    '"parley-1 file", u64(bytes), top',
    '"parley-1 file", top',
  ],
  ["hash tree: a node is no leaf", '"parley-1 file node"', '"parley-1 file leaf"'],
  [
    "hash tree: a partial file is judged",
    "if (!equalBytes(await hashRange(leaves, from, to), hash)) return from;",
    "",
  ],
  [
    "hash tree: a partial file is judged from its front",
    "of left.reverse()",
    "of left",
  ],
]);

const FILE_NAME = mutationsOf("transfer/file_name.ts", ["transfer/file_name"], [
  ["file name: nothing that nobody sees", '.replaceAll(INVISIBLE, "")', ""],
  ["file name: one spelling", '.normalize("NFC")', ""],
  ["file name: no folders", "visible.split(/[/\\\\]/)", "[visible]"],
  ["file name: nothing hidden, and no option", 'name.replace(/^[-.\\s]+/, "")', "name"],
  ["file name: no dots and spaces behind", '.replace(/[.\\s]+$/, "")', ""],
  ["file name: nothing that Windows refuses", 'base.replaceAll(FORBIDDEN, "_")', "base"],
  ["file name: no device", "DEVICE.test(plain) ? `_${plain}` : plain", "plain"],
  ["file name: it is short", "utf8(name).length <= MAX_CLEAN_NAME_BYTES", "true"],
  ["file name: it is not empty", 'cut(free) || "file"', "cut(free)"],
]);

const INCOMING = mutationsOf("transfer/incoming.ts", ["transfer/incoming"], [
  [
    "incoming: the leaf belongs to the root",
    " || !await verifyLeaf(state.head, index, proof, hash)",
    "",
  ],
  ["incoming: the leaf has its length", "!fits || ", ""],
  ["incoming: only the next leaf", " && index === state.written;", ";"],
  [
    "incoming: only leaves that we asked for",
    'state.phase === "receiving" && state.asked && ',
    'state.phase === "receiving" && ',
  ],
  ["incoming: what was on the disk is judged", "if (!state.trusted) {", "if (false) {"],
  ["incoming: what we say that we have is on the disk", '    { type: "flush" },\n', ""],
  ["incoming: an answer for the last leaf", "if (!isLast && !isDue", "if (!isDue"],
  ["incoming: the whole is compared", '{ type: "finish" } as const] : []', "] : []"],
  [
    "incoming: a damaged file is begun again once",
    'if (state.again) return stop(state, "changed");',
    "",
  ],
  [
    "incoming: a damaged file is not begun again without need",
    "if (!state.trusted) return goOn",
    "if (false) return goOn",
  ],
  [
    "incoming: a full disk keeps what came",
    '    { type: "release" },\n',
    '    { type: "discard" },\n',
  ],
  [
    "incoming: a full disk stops the sender",
    '...tell(state, { type: "file-hold", id: state.id }),\n    { type: "held", by: "disk", error },',
    '{ type: "held", by: "disk", error },',
  ],
  [
    "incoming: the sender's failure keeps what came",
    'const isKept = reason === "failed";',
    "const isKept = false;",
  ],
  [
    "incoming: nobody is asked before the user has decided",
    'return state.phase === "receiving" ? goOn(state) : only(state);',
    "return goOn(state);",
  ],
  [
    "incoming: a pause outlives a session",
    'if (state.pausedHere !== null) {\n    return only(state, tell(state, { type: "file-hold"',
    'if (false) {\n    return only(state, tell(state, { type: "file-hold"',
  ],
  [
    "incoming: who asks late hears that it has arrived",
    'return stopped("received");',
    "return only(state);",
  ],
]);

const OUTGOING = mutationsOf("transfer/outgoing.ts", ["transfer/outgoing"], [
  ["outgoing: one leaf at a time", "wanted && !busy && ", "wanted && "],
  ["outgoing: a window", " && next - kept < window;", ";"],
  [
    "outgoing: no leaf after a pause, a cut or another question",
    "state.reading !== input.index || ",
    "",
  ],
  ["outgoing: no answer for what was never sent", " || count > state.next) return", ") return"],
  ["outgoing: no late answer", "!state.wanted || count <= state.kept", "!state.wanted"],
  [
    "outgoing: a crossed question is answered once",
    "if (state.wanted && from === state.kept) return only(known);",
    "",
  ],
  [
    "outgoing: nothing is sent while we pause",
    'if (state.pausedHere) return only(known, tell(known, "file-hold"));',
    "",
  ],
  ["outgoing: no question before the offer is there", "return open && known ?", "return open ?"],
  [
    "outgoing: a question before the session is asked again",
    "if (!state.open) return only(known);",
    "",
  ],
  [
    "outgoing: an end without a session is told in the next",
    "untold: open ? null : reason,",
    "untold: null,",
  ],
  ["outgoing: nothing beyond the end", "if (from >= state.leaves) return only(state);", ""],
]);

const PACE = mutationsOf("transfer/pace.ts", ["transfer/pace"], [
  [
    "pace: the receiver waits for no more than is under way",
    "const most = Math.min(MAX_INTERVAL, windowAfter(answered));",
    "const most = MAX_INTERVAL;",
  ],
  [
    "pace: the largest window",
    "Math.min(MAX_WINDOW, Math.max(2, 2 * answered))",
    "Math.max(2, 4 * answered)",
  ],
]);

const DESK = [
  ...mutationsOf("transfer/sender.ts", ["transfer/transfers"], [
    [
      "sender: each leaf is what was offered",
      "if (!equalBytes(await hashLeaf(data), tree.leaf(index))) return",
      "if (false) return",
    ],
    [
      "sender: a change is noticed early",
      "await this.#hashed.source.stamp() === this.#hashed.stamp",
      "true",
    ],
    [
      "sender: after a change the whole is compared",
      "if (equalBytes(tree.root, offer.root)) return",
      "return",
    ],
  ]),
  ...mutationsOf("transfer/receiver.ts", ["transfer/transfers"], [
    [
      "receiver: a flood of leaves is not kept",
      'if (input.type === "leaf" && this.#queue.length >= MAX_WAITING) return;',
      "",
    ],
    [
      "receiver: the whole is compared with the root",
      'if (!equalBytes(root, this.#offer.root)) return { type: "damaged" };',
      "",
    ],
    [
      "receiver: a file that was finished is not received twice",
      "this.#recovering = state.phase",
      "this.#recovering = false && state.phase",
    ],
    [
      "receiver: what was finished is compared with the root",
      "if (equalBytes(root, this.#offer.root)) return path;",
      "return path;",
    ],
    [
      "receiver: what came before a restart is removed",
      "sink ?? await this.#world.disk.receive(this.#wanted)",
      "sink!",
    ],
  ]),
  ...mutationsOf("transfer/transfers.ts", ["transfer/transfers"], [
    ["desk: so many offers", "if (this.#openIncoming() >= MAX_INCOMING)", "if (false)"],
    ["desk: one warning", "if (this.#crowded) return;", ""],
    ["desk: one transfer for an id", "if (this.#entries.has(id)) return;", ""],
    [
      "desk: who asks after a forgotten file is told",
      'signal.type === "file-query" || signal.type === "file-get"',
      "false",
    ],
    [
      "desk: a file that is being written is not offered",
      "if (await source.stamp() !== stamp) throw stillChanging(path);",
      "",
    ],
    [
      "desk: early signals wait",
      "if (this.#early.length < MAX_EARLY) this.#early.push(signal);",
      "",
    ],
    [
      "desk: one decision",
      'if (direction === "in" && runner.undecided) return runner;',
      'if (direction === "in") return runner;',
    ],
  ]),
];

const FINGERPRINT = mutationsOf("protocol/fingerprint.ts", ["protocol/fingerprint"], [
  [
    "fingerprint: the session enters the safety number",
    '"parley-1 safety number", sessionId, low, high',
    '"parley-1 safety number", low, high',
  ],
  [
    "fingerprint: both keys enter the safety number",
    '"parley-1 safety number", sessionId, low, high',
    '"parley-1 safety number", sessionId, low',
  ],
  ["fingerprint: one number on both sides", "compareBytes(one, other) < 0", "true"],
]);

const WORDS = mutationsOf("protocol/fingerprint.ts", ["protocol_vectors"], [
  ["fingerprint: sixteen words", '"parley-1 safety words", 16', '"parley-1 safety words", 12'],
]);

const TRANSCRIPT = mutationsOf("protocol/transcript.ts", [
  "protocol/transcript_forgery",
  "protocol/transcript",
], [
  [
    "transcript: a statement's signature",
    "if (!await verifyStatement(identities[sender], hash, signature))",
    "if (false)",
  ],
  ["transcript: every statement is covered", "if (uncovered.length > 0)", "if (false)"],
  [
    "transcript: the exporter's signature",
    "if (!await identities[exporter].verify(EXPORT_CONTEXT, digest, signature))",
    "if (false)",
  ],
  [
    "transcript: the low side's share is signed",
    "await verifyShare(low, helloLow, helloHigh, shareLow) &&",
    "",
  ],
  [
    "transcript: the high side's share is signed",
    "await verifyShare(high, helloHigh, helloLow, shareHigh)",
    "true",
  ],
  ["transcript: the roles are by the hellos", "compareBytes(helloLow, helloHigh) < 0 &&", ""],
  ["transcript: the shares are in the group", "parseShare(GROUP, share) !== null && ", ""],
  [
    "transcript: the ratchet keys are in the group",
    "parseShare(GROUP, share) !== null && parseShare(GROUP, ratchetKey) !== null",
    "parseShare(GROUP, share) !== null",
  ],
  [
    "transcript: a statement answers what stands above it",
    "? other.heads[seen] : undefined;",
    "? other.heads[seen] ?? other.heads.at(-1) : undefined;",
  ],
  ["transcript: a statement answers no less than the one before", " && seen >= side.seen ?", " ?"],
  [
    "transcript: the longest text",
    "if (body.length > maxBodyBytes(kind))",
    "if (false)",
  ],
  ["transcript: one signature in 32", "side.uncovered.length >= MAX_UNSIGNED || ", ""],
  ["transcript: one spelling", "if (line !== canonical)", "if (false)"],
  ["transcript: the count", "if (fields.statements !== lines.length - 2)", "if (false)"],
]);

const EXPORT = [
  ...mutationsOf("protocol/transcript.ts", ["protocol/transcript_coverage"], [
    [
      "export: only what a signature covers",
      "if (statement.signature !== null) signed[sender] = statement.sequence + 1;",
      "signed[sender] = statement.sequence + 1;",
    ],
    [
      "export: only what answers what can be proved",
      "if (seen > signed[otherRole(sender)]) end[sender] = Math.min(end[sender], sequence);",
      "",
    ],
    [
      "export: nor what was covered by what is left out",
      "if (provable.length === kept.length) return kept;",
      "return provable;",
    ],
    [
      "export: what is written is what can be proved",
      "const entries = coveredEntries(conversation.entries);",
      "const entries = conversation.entries;",
    ],
  ]),
  ...mutationsOf("protocol/transcript.ts", ["protocol/transcript_forgery"], [
    [
      "export: its signature has a purpose of its own",
      '"parley-1 export signature"',
      '"parley-1 statement signature"',
    ],
  ]),
];

const PATIENCE = mutationsOf("conversation/conversation.ts", ["conversation/conversation"], [
  [
    "patience: a handshake that takes too long is ended",
    'const timeOut = (time: HandshakeTime) => this.post({ type: "timeout", time });',
    "const timeOut = (_time: HandshakeTime) => {};",
  ],
  [
    "patience: the clock stops with the handshake",
    'this.#clock.watch(session.phase === "handshaking");',
    'if (session.phase === "handshaking") this.#clock.watch(true);',
  ],
  [
    "patience: a late clock leaves the next handshake alone",
    "if (this.#clock.isNow(input.time)) await",
    "await",
  ],
  [
    "patience: who leaves while the code is at risk is told",
    'if (isCodeAtRisk(this.#session)) this.#show({ type: "code-spent" });',
    "",
  ],
]);

const JOURNAL_FILE = mutationsOf("profile/journal_file.ts", ["profile/journal"], [
  ["journal: a frame is bound to its journal", "concatBytes(this.header, u64", "concatBytes(u64"],
  ["journal: a frame is bound to its number", "u64(number), previous", "u64(0), previous"],
  ["journal: a frame is bound to the one before", "u64(number), previous", "u64(number)"],
  ["journal: a damaged length is no crash", "!equalBytes(lengths, encodeLength(length))", "false"],
  [
    "journal: a last frame of zeros was not written",
    " || zerosFrom(bytes) <= lastSector(from, end)",
    "",
  ],
  [
    "journal: lengths of zeros were not written",
    "if (zerosFrom(bytes) < from + LENGTHS_BYTES) return null;",
    "",
  ],
  [
    "journal: its own profile's",
    '!equalBytes(reader.bytes("check", CHECK_BYTES), seal.start.previous)',
    'reader.bytes("check", CHECK_BYTES).length === 0',
  ],
  [
    "journal: nothing behind the records",
    "  reader.end();\n  return records;",
    "  return records;",
  ],
]);

const JOURNAL = mutationsOf("profile/journal.ts", ["profile/journal"], [
  ["journal: a failed append is cut off", "await this.#opened().catch(() => {});", ""],
  [
    "journal: nothing is added behind half a frame",
    "if (this.#isTorn) await this.#file.truncate(this.#size);",
    "",
  ],
  [
    "journal: what a crash left is cut off",
    "if (journal.#isTorn) await writing(path, () => journal.#opened());",
    "",
  ],
  [
    "journal: nothing is promised before the new file's name is on the disk",
    "if (this.#isUnsynced) await",
    "if (false) await",
  ],
  ["journal: a rewrite has its turn", "|| job.replaces && group.length > 0", ""],
  ["journal: the caller's buffers are its own", "records.map(copyBytes)", "records"],
]);

const DELIVERY = [
  ...mutationsOf("delivery/resumption.ts", ["delivery/resumption", "soak/simulation/simulation"], [
    [
      "delivery: only what a receipt covers has arrived",
      "return this.#start! + Math.min(count, this.#said);",
      "return this.#start! + this.#said;",
    ],
    [
      "delivery: what has arrived is not said again",
      "this.#start = isKnown ? received : this.#person.first;",
      "this.#start = this.#person.first;",
    ],
    [
      "delivery: a stream that they know is told from another",
      "toHex(known) === this.#person.stream && ",
      "",
    ],
    [
      "delivery: what they had and lost is told",
      "if (isSame && received >= first) return",
      "if (isSame) return",
    ],
    [
      "delivery: after a rollback nothing new is taken for delivered",
      "const said = items.length - unsaid;",
      "const said = items.length;",
    ],
    ["delivery: one resume", "if (this.ready) throw", "if (false) throw"],
    [
      "delivery: a number that can be counted on from",
      "if (most > MAX_NUMBER) throw",
      "if (false) throw",
    ],
  ]),
  ...mutationsOf("delivery/delivery.ts", [
    "delivery/delivery",
    "soak/simulation/simulation",
  ], [
    [
      "delivery: kept before it is acknowledged",
      'await this.#commit([{ type: "heard", from, ...heard }]);',
      'void this.#commit([{ type: "heard", from, ...heard }]);',
    ],
    [
      "delivery: kept before it is said",
      'await this.#commit(items.map((item) => ({ type: "kept", to, ...item })));',
      'void this.#commit(items.map((item) => ({ type: "kept", to, ...item })));',
    ],
    [
      "delivery: a snapshot makes up for what was not written",
      "if (!this.#isFailing && store.size",
      "if (store.size",
    ],
    [
      "delivery: nothing lasts before what failed in front of it",
      "if (!this.#isFailing) return;",
      "return;",
    ],
  ]),
  ...mutationsOf("conversation/conversation.ts", ["soak/simulation/simulation"], [
    [
      "delivery: nothing is acknowledged before their resume",
      'if (this.#mail.ready) await this.#step({ type: "idle" });',
      'await this.#step({ type: "idle" });',
    ],
    [
      "delivery: the goodbye is said again in the next session",
      'if (this.#finishing && !this.#files.busy) await this.#step({ type: "finish" });',
      'if (this.#finishing) await this.#step({ type: "finish" }).then(() => this.#finishing = false);',
    ],
    [
      "delivery: a lost hello or goodbye is waited for, and then said again",
      "this.#renewal.watch(this.#isOwed);",
      "this.#renewal.watch(this.secure && this.#mail.underway > 0);",
    ],
    [
      "delivery: what is taken before the key exchange belongs to the one before",
      '    acknowledge();\n    await this.#step({ type: "start" });',
      '    await this.#step({ type: "start" });\n    acknowledge();',
    ],
  ]),
  ...mutationsOf("conversation/conversation.ts", ["conversation/reconnection"], [
    [
      "company: a session that has ended makes room for another",
      'if (this.#session.phase === "ended") await this.#part("lost");',
      "",
    ],
    [
      "company: nobody but the one who proved the code is let in",
      "if (this.#company.isStranger(proved)) return this.#turnAway();",
      "",
    ],
    ["company: the code is used once", "{ ...this.#handshake, code: null }", "this.#handshake"],
    [
      "company: a later handshake that fails is not the end",
      "isTheirs || this.#mail.tag === null",
      "true || this.#mail.tag === null",
    ],
    [
      "company: a stranger on a seat that waits for somebody else ends nothing",
      'const isTheirs = before === "secure" && this.#mail.setAside === 0;',
      'const isTheirs = before === "secure";',
    ],
    [
      "inbox: it has an end",
      "if (this.#inboxBytes <= MAX_INBOX_BYTES) return true;",
      "return true;",
    ],
  ]),
  ...mutationsOf("conversation/conversation.ts", ["conversation/file_desk"], [
    [
      "company: files stay on the desk of the one they are for",
      "if (before === null) this.#files.adopt(",
      "this.#files.adopt(",
    ],
    [
      "company: a file is offered to the one who was there when it was named",
      "body: encodeOffer(offer) }], to);",
      "body: encodeOffer(offer) }]);",
    ],
  ]),
  ...mutationsOf("conversation/batch.ts", ["conversation/reconnection"], [
    [
      "company: lines for two people are no batch",
      "next.to !== first.to || texts.length",
      "texts.length",
    ],
  ]),
  ...mutationsOf("conversation/conversation.ts", ["conversation/reconnection"], [
    [
      "company: a line is for the one who was there when it was entered",
      "await this.#mail.keep(items, first.to);",
      "await this.#mail.keep(items);",
    ],
  ]),
  ...mutationsOf("conversation/file_desk.ts", ["conversation/file_desk"], [
    [
      "company: a desk that was in use before is not replaced",
      "if (theirs !== undefined) {",
      "if (theirs === desk) {",
    ],
  ]),
  ...mutationsOf("chat/chat.ts", ["chat/chat"], [
    [
      "company: what was compared with one marks no other as verified",
      "if (this.#compared !== null && this.#compared !== peerFingerprint) {",
      'if (this.#compared === "") {',
    ],
  ]),
  ...mutationsOf("relay/member.ts", ["soak/simulation/simulation"], [
    [
      "delivery: what was sent before the key exchange is stale",
      "this.#stale = true;",
      "",
    ],
  ]),
  ...mutationsOf("protocol/channel.ts", ["soak/simulation/stub_session", "protocol/session_peer"], [
    [
      "delivery: what is too early to be held does not end the session",
      "if (channel.held.length >= MAX_HELD) return { channel, effects: [] };",
      'if (channel.held.length >= MAX_HELD) throw new CheckError("unexpected", "too many");',
    ],
  ]),
];

/** Every check, in the order of the layers. */
export const MUTATIONS: readonly Mutation[] = [
  ...SIGNATURE,
  ...SHARE,
  ...BOX,
  ...WIRE,
  ...HANDSHAKE,
  ...CODE,
  ...RATCHET,
  ...FIRST_KEYS,
  ...PADDING,
  ...STATEMENT,
  ...SIGNAL,
  ...OFFER,
  ...FINGERPRINT,
  ...WORDS,
  ...TRANSCRIPT,
  ...EXPORT,
  ...JOURNAL_FILE,
  ...JOURNAL,
  ...HASH_TREE,
  ...FILE_NAME,
  ...INCOMING,
  ...OUTGOING,
  ...PACE,
  ...DESK,
  ...PATIENCE,
  ...DELIVERY,
];
