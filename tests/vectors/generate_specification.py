#!/usr/bin/env python3
"""Writes specification.json: the test values that stand in docs/PROTOCOL.md, a minimal conversation with every byte
of it, and negative vectors for the page's tables of checks.

It is a second implementation of the page, by Python's integers, hashlib and hmac, and py. Nothing here was
printed by lib/; tests/protocol/specification_test.ts holds lib/ to it.

    python3 tests/vectors/generate_specification.py > tests/vectors/specification.json
"""
import hashlib
import json
from base64 import b64encode
from datetime import datetime, timezone

from primitives import (
    G, P, PAGE, Q, cfb, digits, element, hkdf, kem_decapsulate, kem_encapsulate, kem_key_pair, mac, nonce,
    safety_picture, safety_words, sha256,
)

SUITE = b"parley-1"
START = 1_764_300_000_000


# 2 Notation


def u8(n: int) -> bytes:
    return n.to_bytes(1, "big")


def u32(n: int) -> bytes:
    return n.to_bytes(4, "big")


def u64(n: int) -> bytes:
    return n.to_bytes(8, "big")


def tagged(label: str, *fields: bytes) -> bytes:
    assert f"`{label}`" in PAGE, f"16.1 does not know {label}"
    return sha256(b"".join(u32(len(part)) + part for part in (label.encode(), *fields)))


def draw(name: str, length: int) -> bytes:
    """What a random generator would give, fixed by a name."""
    return hashlib.shake_256(b"parley-1 specification: " + name.encode()).digest(length)


# 6 ElGamal signatures


def challenge(context: str, y: int, r: int, message: bytes) -> bytes:
    return tagged("parley-1 elgamal", context.encode(), b"ffdhe3072", element(y), element(r), message)


def sign(x: int, context: str, message: bytes, entropy: bytes) -> bytes:
    digest = tagged("parley-1 elgamal nonce", context.encode(), message)
    k = nonce(x, digest, entropy)
    r = pow(G, k, P)
    h = int.from_bytes(challenge(context, pow(G, x, P), r, message), "big")
    return element(r) + element(pow(k, -1, Q) * (h - x * r) % Q)


# 10 Boxes, 12 Padding


def seal(key: bytes, iv: bytes, header: bytes, plaintext: bytes) -> bytes:
    body = iv + cfb(key[:32], iv, plaintext)
    return body + mac(key[32:], u32(len(header)) + header + body)


def padme(length: int) -> int:
    if length <= 1280:
        return 1280
    e = length.bit_length() - 1
    unit = 1 << (e - e.bit_length())
    return -(-length // unit) * unit


def pad(payload: bytes) -> bytes:
    return (payload + b"\x80").ljust(padme(len(payload) + 1), b"\x00")


# 11 The ratchet


def root_step(root: bytes, z: bytes, k: bytes, d: bytes, e: bytes, c: bytes) -> dict:
    u = tagged("parley-1 ratchet keys", d, e, c)
    keys = hkdf(z + k, root, b"parley-1 ratchet root" + u, 128)
    return {"u": u, "root": keys[:32], "chain": keys[32:64], "header": keys[64:]}


def message_key(chain: bytes) -> bytes:
    return hkdf(mac(chain, u8(1)), b"", b"parley-1 message key", 64)


def envelope(session_id: bytes, header_key: bytes, chain: bytes, announcement: bytes, previous_length: int,
             number: int, padded: bytes, header_iv: bytes, iv: bytes) -> bytes:
    """11.4; `chain` is the chain key of this message."""
    header = cfb(header_key[:32], header_iv, u32(previous_length) + u32(number) + announcement)
    prefix = SUITE + u8(4)
    box = seal(message_key(chain), iv, session_id + prefix + header_iv + header, padded)
    tag = mac(header_key[32:], sha256(prefix + header_iv + header + box))
    return prefix + tag + header_iv + header + box


ZERO = bytes(2656)


class Side:
    """One side's ratchet (11.2 to 11.6), chain of statements and bundles, as far as this conversation needs them."""

    def __init__(self, role: str, x: int, keys: dict, session_id: bytes):
        self.role, self.x, self.keys, self.session_id = role, x, keys, session_id
        self.identity = element(pow(G, x, P))
        self.root, self.own, self.previous_length = keys["root"], None, 0
        first = {"index": 0, "key": keys["chainHigh"], "next": 0, "header": keys["header0"], "announcement": ZERO}
        if role == "low":
            self.turn, self.sending, self.receiving = ("nobody",), None, dict(first)
            self.next_sending, self.next_receiving = keys["header1"], keys["header2"]
        else:
            self.turn, self.sending, self.receiving = None, dict(first), None
            self.next_sending, self.next_receiving = keys["header2"], keys["header1"]
        self.number, self.accepted, self.heads, self.log, self.entropies = 0, 0, [session_id], [], []
        self.skipped = {}

    def make_turn(self) -> None:
        """11.5, step 1."""
        index = 1 if self.receiving["index"] == 0 else self.receiving["index"] + 1
        exponent, seed = draw(f"exponent {index}", 40), draw(f"KEM seed {index}", 64)
        d, e = element(pow(G, int.from_bytes(exponent, "big"), P)), kem_key_pair(seed)[0]
        z, k, c = bytes(384), bytes(32), bytes(1088)
        if self.turn != ("nobody",):
            peer_d, peer_e = self.turn
            z = element(pow(int.from_bytes(peer_d, "big"), int.from_bytes(exponent, "big"), P))
            c, k = kem_encapsulate(peer_e, draw(f"encapsulation {index}", 32))
        step = root_step(self.root, z, k, d, e, c)
        self.log.append({
            "index": index, "owner": self.role, "exponent": exponent, "kemSeed": seed, "D": d, "E": e, "c": c, "Z": z,
            "k": k, **step,
        })
        self.previous_length = self.sending["next"] if self.sending else 0
        self.sending = {"index": index, "key": step["chain"], "next": 0, "header": self.next_sending,
                        "announcement": d + e + c}
        self.next_sending, self.root, self.own, self.turn = step["header"], step["root"], (exponent, seed), None

    def send(self, payload: bytes) -> dict:
        if self.turn is not None:
            self.make_turn()
        chain = self.sending
        name = f"chain {chain['index']} message {chain['next']}"
        message = {
            "from": self.role, "chain": chain["index"], "number": chain["next"], "previousLength": self.previous_length,
            "headerKey": chain["header"], "chainKey": chain["key"], "messageKey": mac(chain["key"], u8(1)),
            "headerIv": draw(f"{name} header IV", 16), "iv": draw(f"{name} IV", 16), "bundle": payload,
        }
        message["envelope"] = envelope(self.session_id, chain["header"], chain["key"], chain["announcement"],
                                       self.previous_length, chain["next"], pad(payload), message["headerIv"],
                                       message["iv"])
        chain["key"], chain["next"] = mac(chain["key"], u8(2)), chain["next"] + 1
        return message

    def receive(self, data: bytes) -> bytes:
        """11.6, for envelopes without a fault, which may overtake others of their chain; the padded bundle."""
        tag, iv, header, box = data[9:41], data[41:57], data[57:2721], data[2721:]
        known = [self.receiving["header"]] if self.receiving else []
        key = next(k for k in [*known, self.next_receiving] if mac(k[32:], sha256(data[:9] + data[41:])) == tag)
        plain = cfb_open(key[:32], iv, header)
        number, announcement = int.from_bytes(plain[4:8], "big"), plain[8:]
        if key not in known:
            d, e, c = announcement[:384], announcement[384:1568], announcement[1568:]
            z, k = bytes(384), bytes(32)
            if self.receiving is not None:
                exponent, seed = self.own
                z = element(pow(int.from_bytes(d, "big"), int.from_bytes(exponent, "big"), P))
                k = kem_decapsulate(seed, c)
            step = root_step(self.root, z, k, d, e, c)
            index = 1 if self.receiving is None else self.receiving["index"] + 2
            self.receiving = {"index": index, "key": step["chain"], "next": 0, "header": key,
                              "announcement": announcement}
            self.next_receiving, self.root, self.own, self.turn = step["header"], step["root"], None, (d, e)
            self.skipped = {}
        chain = self.receiving
        while chain["next"] <= number:
            self.skipped[chain["next"]] = chain["key"]
            chain["key"], chain["next"] = mac(chain["key"], u8(2)), chain["next"] + 1
        opened = message_key(self.skipped.pop(number))
        padded = cfb_open(opened[:32], box[:16], box[16:-32])
        assert announcement == chain["announcement"]
        assert seal(opened, box[:16], self.session_id + data[:9] + data[41:2721], padded) == box
        return padded

    # 13 Bundles and statements

    def bundle(self, *items: bytes) -> bytes:
        payload = u64(self.number) + u64(self.accepted) + b"".join(items)
        self.number += 1
        return payload

    def state(self, kind: int, body: bytes, time: int, peer: "Side", deniable: bool = False) -> list:
        """A statement and, in a session with signatures, the signature behind it."""
        sequence = len(self.heads) - 1
        hashed = statement_hash(self.session_id, self.identity, sequence, time, kind, body, self.heads[-1],
                                self.accepted, peer.heads[self.accepted])
        self.heads.append(hashed)
        entropy = draw(f"{self.role} statement {sequence} entropy", 32)
        self.entropies.append(entropy)
        signature = sign(self.x, "parley-1 statement signature", hashed, entropy)
        items = [item(kind, u64(self.accepted) + u64(time) + body)]
        return items if deniable else [*items, item(9, signature)]


def statement_hash(session_id: bytes, identity: bytes, sequence: int, time: int, kind: int, body: bytes,
                   previous: bytes, seen: int, answered: bytes) -> bytes:
    return tagged("parley-1 statement", session_id, identity, u64(sequence), u64(time), u8(kind), sha256(body),
                  previous, u64(seen), answered)


def item(kind: int, content: bytes) -> bytes:
    return u8(kind) + u32(len(content)) + content


def resume(stream: bytes, first: int = 0, known: bytes = bytes(16), received: int = 0) -> bytes:
    return item(4, stream + u64(first) + known + u64(received))


def cfb_open(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    blocks = [iv, *(ciphertext[i:i + 16] for i in range(0, len(ciphertext), 16))]
    return b"".join(cfb(key, before, block) for before, block in zip(blocks, blocks[1:]))


# 13.10 Windows and frames


def window(key: bytes, session_id: bytes, offer: bytes, root: bytes, size: int, start: int, until: int) -> dict:
    w = tagged("parley-1 file window", offer, root, u64(size), u64(start), u64(until))
    keys = hkdf(key, session_id, b"parley-1 file stream" + w, 72)
    return {"w": w, "key": keys[:64], "label": keys[64:]}


def frame(made: dict, place: int, proof: list, data: bytes, iv: bytes) -> bytes:
    prefix = SUITE + u8(5) + made["label"] + u32(place)
    return prefix + seal(made["key"], iv, prefix, pad(u8(len(proof)) + b"".join(proof) + data))


# The values of the sections


def sections() -> dict:
    session_id, box_key = b"\x0b" * 32, b"\x0a" * 64
    values = {
        "2": {
            "hash": tagged("parley-1 file node", b"a", b"bc"),
            "hashOtherwiseCut": tagged("parley-1 file node", b"ab", b"c"),
            "hkdf": hkdf(b"\x01" * 32, b"\x02" * 32, b"parley-1 digits", 60),
        },
    }
    not_square = next(n for n in range(2, 99) if pow(n, Q, P) != 1)
    power = element(pow(G, 1 << 319, P))
    values["3"] = {"p": sha256(element(P)), "smallestNonSquare": not_square, "power": sha256(power)}
    values["4"] = {"room": tagged("parley-1 room", b"ex")}
    x, message, entropy = int.from_bytes(b"\x01" * 383, "big"), b"message", b"\x02" * 32
    context = "parley-1 statement signature"
    signature = sign(x, context, message, entropy)
    y = pow(G, x, P)
    values["6"] = {
        "publicKey": sha256(element(y)),
        "digest": tagged("parley-1 elgamal nonce", context.encode(), message),
        "k": sha256(element(nonce(x, tagged("parley-1 elgamal nonce", context.encode(), message), entropy))),
        "h": challenge(context, y, int.from_bytes(signature[:384], "big"), message),
        "signature": sha256(signature),
    }
    secret = b"\x01" * 384 + b"\x02" * 32 + b"\x03" * 32
    values["9"] = {name: hkdf(secret, session_id, info, length) for name, info, length in SCHEDULE}
    values["10"] = {"box": seal(box_key, b"\x09" * 16, b"header", b"plaintext")}
    chain = values["9"]["chainHigh"]
    first = root_step(b"\x0f" * 32, bytes(384), bytes(32), b"\x01" * 384, b"\x02" * 1184, bytes(1088))
    second = root_step(first["root"], b"\x03" * 384, b"\x04" * 32, b"\x05" * 384, b"\x06" * 1184, b"\x07" * 1088)
    announcement = b"\x01" * 384 + b"\x02" * 1184 + bytes(1088)
    empty = envelope(session_id, box_key, first["chain"], announcement, 0, 0, pad(bytes(16)), b"\x08" * 16,
                     b"\x09" * 16)
    values["11"] = {
        "messageKey": mac(chain, u8(1)), "nextChain": mac(chain, u8(2)), "boxKey": message_key(chain),
        "u1": first["u"], "root1": first["root"], "chain1": first["chain"], "header3": first["header"],
        "root2": second["root"], "chain2": second["chain"], "header4": second["header"],
        "header": sha256(empty[57:2721]), "tag": empty[9:41], "envelope": sha256(empty),
    }
    values["12"] = {"lengths": [[length, padme(length)] for length in
                                (1, 1280, 1281, 1344, 1345, 2048, 2049, 4097, 61_440, 131_073, 524_289 + 811, 540_672)]}
    said = statement_hash(session_id, element(y), 0, START, 1, b"hello", session_id, 0, session_id)
    values["13.2"] = {"hash": said, "second": statement_hash(
        session_id, element(y), 1, START + 1, 2, b"", said, 0, session_id)}
    values["13.3"] = {"bundle": u64(1) + u64(2) + item(1, u64(0) + u64(START) + b"hello") + item(5, b"\x0d" * 16)}
    root = tagged("parley-1 file", u64(5), tagged("parley-1 file leaf", b"hello"))
    offer = {"id": "0d" * 16, "name": "hello.txt", "bytes": 5, "root": root.hex()}
    values["13.8"] = {"offer": json.dumps(offer, separators=(",", ":"))}
    leaves = [b"\x01" * 131_072, b"\x02" * 131_072, b"\x03"]
    hashes = [tagged("parley-1 file leaf", leaf) for leaf in leaves]
    left = tagged("parley-1 file node", hashes[0], hashes[1])
    top = tagged("parley-1 file node", left, hashes[2])
    values["13.9"] = {
        "leaf0": hashes[0], "leaf1": hashes[1], "leaf2": hashes[2], "left": left, "top": top,
        "root": tagged("parley-1 file", u64(262_145), top),
        "empty": tagged("parley-1 file", u64(0), tagged("parley-1 file leaf", b"")),
    }
    made = window(b"\x0c" * 32, session_id, b"\x0d" * 16, b"\x0e" * 32, 262_144, 0, 2)
    whole = frame(made, 0, [b"\x10" * 32], bytes(131_072), b"\x11" * 16)
    values["13.10"] = {"w": made["w"], "key": made["key"], "label": made["label"], "frame": sha256(whole)}
    shown = digits(session_id)
    values["14"] = {"digits": shown, "words": safety_words(shown),
                    "picture": safety_picture(shown)}
    return values


SCHEDULE = [
    ("confirmationLow", b"parley-1 confirmation low", 64),
    ("confirmationHigh", b"parley-1 confirmation high", 64),
    ("root", b"parley-1 root", 32),
    ("chainHigh", b"parley-1 chain high", 32),
    ("header0", b"parley-1 header high", 64),
    ("header1", b"parley-1 header low", 64),
    ("header2", b"parley-1 next header high", 64),
]


# 17.2 A minimal conversation


def handshake(modes: int = 0, code: str = "") -> dict:
    """Both sides' private values and messages, to the keys."""
    sides = {}
    nonces = sorted(draw(f"nonce {i}", 32) for i in range(2))
    for role, fresh in zip(("low", "high"), nonces):
        seed = draw(f"{role} KEM seed", 64)
        x = int.from_bytes(draw(f"{role} identity", 384), "big") % (Q - 1) + 1
        sides[role] = {
            "identity": element(x), "nonce": fresh, "kemSeed": seed, "exponent": draw(f"{role} exponent", 40),
            "encapsulation": draw(f"{role} encapsulation", 32), "shareEntropy": draw(f"{role} share entropy", 32),
            "hello": SUITE + u8(1) + u8(modes) + fresh + element(pow(G, x, P)) + kem_key_pair(seed)[0],
        }
    low, high = sides["low"], sides["high"]
    base = G
    if code:
        sid = tagged("parley-1 cpace sid", low["hello"], high["hello"])
        wide = int.from_bytes(hkdf(code.encode(), sid, b"parley-1 cpace generator ffdhe3072", 400), "big") % P
        base = wide * wide % P
    for own, other in ((low, high), (high, low)):
        own["public"] = pow(base, int.from_bytes(own["exponent"], "big"), P)
        c, own["kem"] = kem_encapsulate(other["hello"][426:], own["encapsulation"])
        own["share"] = share_message(own, other, element(own["public"]), c)
    z = element(pow(high["public"], int.from_bytes(low["exponent"], "big"), P))
    session_id = tagged("parley-1 transcript", low["hello"], high["hello"], low["share"], high["share"])
    secret = z + low["kem"] + high["kem"]
    keys = {name: hkdf(secret, session_id, info, length) for name, info, length in SCHEDULE}
    for role, own in sides.items():
        own["name"], own["iv"] = {"low": "Alice", "high": "Bob"}[role], draw(f"{role} confirmation IV", 16)
        own["confirmation"] = confirmation(own, keys[f"confirmation{role.title()}"], session_id)
    return {"sides": sides, "base": base, "z": z, "secret": secret, "sessionId": session_id, "keys": keys}


def share_message(own: dict, other: dict, share: bytes, ciphertext: bytes) -> bytes:
    signed = tagged("parley-1 key exchange", own["hello"], other["hello"], share, ciphertext)
    x = int.from_bytes(own["identity"], "big")
    signature = sign(x, "parley-1 key exchange signature", signed, own["shareEntropy"])
    return SUITE + u8(2) + share + ciphertext + signature


def confirmation(own: dict, key: bytes, session_id: bytes, plaintext: bytes = b"") -> bytes:
    name = own["name"].encode()
    return SUITE + u8(3) + seal(key, own["iv"], session_id, plaintext or u8(len(name)) + name.ljust(127, b"\0"))


def pair(met: dict) -> tuple:
    return tuple(Side(role, int.from_bytes(met["sides"][role]["identity"], "big"), met["keys"], met["sessionId"])
                 for role in ("low", "high"))


class Conversation:
    """Two sides, what they send, and in which order it arrives."""

    def __init__(self, met: dict, code, deniable: bool):
        self.met, self.code, self.deniable, self.sides = met, code, deniable, pair(met)
        self.messages, self.order = [], []

    def say(self, sender: Side, what: str, *said: tuple) -> None:
        """Each of `said` is a resume, or the kind, body and time of a statement."""
        other = self.sides[0] if sender is self.sides[1] else self.sides[1]
        items, signature = [], []
        for each in said:
            if isinstance(each, bytes):
                items.append(each)
            else:
                statement, *signature = sender.state(*each, other, self.deniable)
                items.append(statement)
        self.order.append(f"send {len(self.messages)}")
        self.messages.append({"what": what, **sender.send(sender.bundle(*items, *signature))})

    def hear(self, *numbers: int) -> None:
        """The other side accepts these bundles, the last of which completes their sender's."""
        for i in numbers:
            message = self.messages[i]
            low, high = self.sides
            receiver, sender = (low, high) if message["from"] == "high" else (high, low)
            assert receiver.receive(message["envelope"]) == pad(message["bundle"])
            self.order.append(f"receive {i}")
        receiver.accepted = len(sender.heads) - 1

    def record(self) -> dict:
        low, high = self.sides
        met = self.met
        identities = sorted([low.identity, high.identity])
        return {
            "code": self.code, "deniable": self.deniable,
            **{side.role: {name: value for name, value in met["sides"][side.role].items() if name != "public"}
               | {"statementEntropy": side.entropies} for side in (low, high)},
            "z": met["z"], "sessionId": met["sessionId"], "keys": met["keys"],
            "steps": sorted(low.log + high.log, key=lambda step: step["index"]),
            "messages": self.messages, "order": self.order,
            "statements": {"low": low.heads[1:], "high": high.heads[1:]},
            "safetyNumber": digits(tagged("parley-1 safety number", met["sessionId"], *identities)),
        }


def minimal(met: dict) -> dict:
    """17.2: the first two bundles cross."""
    told = Conversation(met, None, False)
    low, high = told.sides
    told.say(low, "resume", resume(draw("low stream", 16)))
    told.say(high, "resume", resume(draw("high stream", 16)))
    told.hear(0, 1)
    told.say(low, "text", (1, b"hello", START))
    told.hear(2)
    told.say(high, "receipt")
    told.hear(3)
    told.say(low, "end", (2, b"", START + 1000))
    told.hear(4)
    told.say(high, "end", (2, b"", START + 2000))
    told.hear(5)
    told.say(low, "receipt")
    told.hear(6)
    return told.record() | {"exportEntropy": draw("export entropy", 32), "transcript": transcript(told)}


def deniable(met: dict, code: str, offer: bytes) -> dict:
    """A code, no signatures, one envelope that overtakes another, several statements in one bundle, an offer."""
    told = Conversation(met, code, True)
    low, high = told.sides
    told.say(low, "resume", resume(draw("low stream", 16)))
    told.say(high, "resume", resume(draw("high stream", 16)))
    told.hear(1)
    told.hear(0)
    told.say(low, "text", (1, b"one", START), (1, b"two", START + 1))
    told.say(low, "text", (1, b"three", START + 2))
    told.hear(3, 2)
    told.say(high, "texts and an offer", (1, "Grüße, 你好, 👋🏽".encode(), START + 3), (3, offer, START + 4))
    told.hear(4)
    told.say(low, "end", (2, b"", START + 5))
    told.hear(5)
    return told.record()


# 15 Exported transcripts


def spelled(fields: dict) -> str:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def transcript(told: Conversation) -> str:
    """Bob's export of a minimal conversation."""
    sides = told.met["sides"]
    first = {
        "parley": "transcript 1", "exporter": "high", "names": {role: sides[role]["name"] for role in ("low", "high")},
        **{f"{kind}{role.title()}": base64(sides[role][kind])
           for kind in ("hello", "share") for role in ("low", "high")},
    }
    lines = [spelled({**first, "hash": base64(sha256(spelled(first).encode()))})]
    spoken = {"low": 0, "high": 0}
    for message in told.messages:
        sender, bundle = message["from"], message["bundle"]
        if message["what"] not in ("text", "end"):
            continue
        length = int.from_bytes(bundle[17:21], "big")
        time = int.from_bytes(bundle[29:37], "big")
        moment = datetime.fromtimestamp(time // 1000, timezone.utc)
        spoken[sender] += 1
        lines.append(spelled({
            "line": len(lines) + 1, "sender": sender, "sequence": spoken[sender] - 1,
            "seen": int.from_bytes(bundle[21:29], "big"), "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{time % 1000:03}Z",
            "kind": message["what"], "text": bundle[37:21 + length].decode(),
            "hash": base64(told.sides[0 if sender == "low" else 1].heads[spoken[sender]]),
            "signature": base64(bundle[-768:]),
        }))
    body = "".join(line + "\n" for line in lines)
    signature = sign(told.sides[1].x, "parley-1 export signature", sha256(body.encode()), draw("export entropy", 32))
    return body + spelled({"statements": len(lines) - 1, "signature": base64(signature)}) + "\n"


# Negative vectors: one fault each, and the row of the page's tables that must find it


class Refused:
    """Collects cases. Bytes that differ from a message of the conversation in one place are given as that place."""

    def __init__(self, told: dict):
        self.named = {f"messages.{i}.envelope": message["envelope"] for i, message in enumerate(told["messages"])}
        for role in ("low", "high"):
            self.named |= {f"{role}.{kind}": told[role][kind] for kind in ("hello", "share", "confirmation")}
        self.cases = []

    def add(self, row: str, what: str, error, at: str, *inputs, **more) -> None:
        shown = [self.short(data) if isinstance(data, bytes) else data for data in inputs]
        self.cases.append({"row": row, "what": what, "at": at, **more, "inputs": shown, "error": error})

    def short(self, data: bytes):
        for name, known in self.named.items():
            if data == known:
                return {"from": name}
            if len(data) < len(known) and known.startswith(data):
                return {"from": name, "length": len(data)}
            if len(data) == len(known):
                places = [i for i, (a, b) in enumerate(zip(data, known)) if a != b]
                start, end = places[0], places[-1] + 1
                if end - start <= 64:
                    return {"from": name, "at": start, "bytes": data[start:end]}
        return {"bytes": data}


def changed(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new):]


def refuse_handshake(to: Refused, told: dict) -> None:
    low, high = told["low"], told["high"]
    hello, share, told_key = low["hello"], low["share"], low["confirmation"]
    to.add("5.2 1", "a text", "suite-mismatch", "high", {"text": "hello", "kind": "hello"})
    to.add("5.2 2", "a second hello", "unexpected", "high", hello, hello)
    to.add("5.2 3", "a mode that is none", "malformed", "high", changed(hello, 9, b"\x04"))
    to.add("5.2 3", "a byte less", "malformed", "high", hello[:-1])
    to.add("5.2 3", "another version", "suite-mismatch", "high", changed(hello, 7, b"2"))
    to.add("5.2 4", "our own identity", "reflection", "high", hello[:42] + high["hello"][42:426] + hello[426:])
    to.add("5.2 5", "a code, and we have none", "suite-mismatch", "high", changed(hello, 9, b"\x02"))
    to.add("5.2 6", "an identity that is no square", "bad-key", "high", hello[:42] + element(5) + hello[426:])
    to.add("5.2 7", "a coefficient of 3329", "bad-key", "high", changed(hello, 426, coefficient(hello[426:429])))
    to.add("5.5 1", "a text", "malformed", "high", {"text": "share", "kind": "share"})
    to.add("5.5 2", "a second share", "unexpected", "high", hello, share, share)
    to.add("5.5 3", "the share of the first edition: 384 bytes more", "malformed", "high", hello, share + bytes(384))
    to.add("5.5 4", "one bit of the ciphertext", "bad-signature", "high", hello,
           changed(share, 393, u8(share[393] ^ 1)))
    to.add("5.5 5", "a share that is no square, signed", "bad-share", "high", hello,
           share_message(low, high, element(5), share[393:1481]))
    to.add("5.5 5", "a share of 1, signed", "bad-share", "high", hello,
           share_message(low, high, element(1), share[393:1481]))
    key, session_id = told["keys"]["confirmationLow"], told["sessionId"]
    to.add("5.7 1", "a text", "malformed", "high", {"text": "confirmation", "kind": "confirmation"})
    to.add("5.7 2", "a second confirmation before the first is looked at", "unexpected", "high", told_key, told_key)
    to.add("5.7 3", "a byte less", "malformed", "high", hello, share, told_key[:-1])
    to.add("5.7 4", "our own confirmation", "bad-confirmation", "high", hello, share, high["confirmation"])
    to.add("5.7 5", "padding that is no zero", "malformed", "high", hello, share,
           confirmation(low, key, session_id, b"\x05Alice" + bytes(121) + b"\x01"))
    to.add("5.7 5", "a name that is no UTF-8", "malformed", "high", hello, share,
           confirmation(low, key, session_id, b"\x01\xff" + bytes(126)))


def coefficient(three: bytes, value: int = 3329) -> bytes:
    """The first of two coefficients of 12 bits, little-endian, replaced."""
    return (int.from_bytes(three, "little") & 0xFFF000 | value).to_bytes(3, "little")


def refuse_envelopes(to: Refused, met: dict, told: dict) -> None:
    keys, session_id = met["keys"], met["sessionId"]
    first, second = (message["envelope"] for message in told["messages"][:2])
    step = told["steps"][0]
    d, e, c = step["D"], step["E"], step["c"]
    payload = pad(told["messages"][0]["bundle"])

    def chain0(number: int, announcement: bytes = ZERO, padded: bytes = payload) -> bytes:
        chain = keys["chainHigh"]
        for _ in range(number):
            chain = mac(chain, u8(2))
        return envelope(session_id, keys["header0"], chain, announcement, 0, number, padded, bytes(16), bytes(16))

    def chain1(d: bytes = d, e: bytes = e, c: bytes = c, number: int = 0, previous_length: int = 0,
               header: str = "header1") -> bytes:
        made = root_step(keys["root"], bytes(384), bytes(32), d, e, c)
        chain = made["chain"]
        for _ in range(number):
            chain = mac(chain, u8(2))
        return envelope(session_id, keys[header], chain, d + e + c, previous_length, number, payload, bytes(16),
                        bytes(16))

    to.add("R1", "another version", "suite-mismatch", "high", changed(first, 7, b"2"))
    to.add("R1", "a type that is none", "malformed", "high", changed(first, 8, b"\x06"))
    to.add("R2", "a byte less", "malformed", "high", first[:-1])
    to.add("R3", "one bit of the encrypted header", "bad-message", "high", changed(first, 57, u8(first[57] ^ 1)))
    to.add("R3", "one bit of the box", "bad-message", "high", changed(first, 4048, u8(first[4048] ^ 1)))
    to.add("R3", "one bit of the tag", "bad-message", "high", changed(first, 9, u8(first[9] ^ 1)))
    to.add("R3", "our own envelope", "bad-message", "high", second)
    to.add("R4", "the same again", "bad-message", "low", second, second)
    to.add("R5", "256 are skipped: this one opens", None, "low", chain0(256))
    to.add("R5", "257 are skipped", "bad-message", "low", chain0(257))
    to.add("R6", "257 are skipped in a new chain", "bad-message", "high", chain1(number=257))
    to.add("R6", "a chain before the first", "bad-message", "high", chain1(previous_length=1))
    to.add("R6", "c of chain 1 is not zeros", "bad-message", "high", chain1(c=u8(1) + bytes(1087)))
    to.add("R6", "D is 1", "bad-message", "high", chain1(d=element(1)))
    to.add("R6", "D is p - 1", "bad-message", "high", chain1(d=element(P - 1)))
    to.add("R6", "D is no square", "bad-message", "high", chain1(d=element(5)))
    to.add("R6", "a coefficient of 3328: this one opens", None, "high", chain1(e=coefficient(e[:3], 3328) + e[3:]))
    to.add("R6", "a coefficient of 3329", "bad-message", "high", chain1(e=coefficient(e[:3]) + e[3:]))
    to.add("R6", "a new chain, and we have made no pair", "bad-message", "low", chain1(header="header2"))
    wrong = envelope(session_id, keys["header0"], bytes(32), ZERO, 0, 0, payload, bytes(16), bytes(16))
    to.add("R8", "the box is of another key", "bad-message", "low", wrong)
    to.add("R10", "another announcement in the same chain", "malformed", "low", second, chain0(1, u8(1) + bytes(2655)))
    to.add("R10", "no padding mark", "malformed", "low", chain0(0, ZERO, bytes(1280)))
    to.add("R10", "padding of another length", "malformed", "low", chain0(0, ZERO, payload.ljust(1344, b"\0")))


def refuse_bundles(to: Refused, met: dict) -> None:
    """From high to low; the envelopes around these payloads are those of the ratchet."""
    hello, stream, gone = b"hello", draw("high stream", 16), item(5, bytes(16))

    def bundles(*each, deniable: bool = False):
        """Each is a function of (low, high) that gives the items of one bundle."""
        low, high = pair(met)
        return [high.bundle(*make(low, high)) for make in each]

    def start(low, high):
        return [resume(stream)]

    def text(body: bytes = hello, time: int = START, seen=None, kind: int = 1):
        def make(low, high):
            if seen is not None:
                low.heads += [low.session_id] * seen
                high.accepted = seen
            made = high.state(kind, body, time, low)
            high.accepted = 0
            return made
        return make

    def items(*raw: bytes):
        return lambda low, high: list(raw)

    def case(row: str, what: str, error, *each, deniable: bool = False) -> None:
        to.add(row, what, error, "low", *({"bundle": payload} if isinstance(payload, bytes) else payload
                                          for payload in (each if isinstance(each[0], bytes) else bundles(*each))),
               deniable=deniable)

    opening = bundles(start)[0]
    case("B1", "a type that is none", "malformed", start, items(item(10, b"")))
    case("B1", "an item longer than the payload", "malformed", start, items(u8(5) + u32(2**32 - 1) + bytes(16)))
    case("B1", "a query of 17 bytes", "malformed", start, items(item(5, bytes(17))))
    case("B1", "an end with a body", "malformed", start, text(b"x", kind=2))
    case("B1", "a signature before the last item", "malformed", start, items(item(9, bytes(768)), gone))
    case("B1", "a number above 2^53 - 1", "malformed", u64(2**53) + u64(0))
    to.add("B1", "1025 items", "malformed", "low", {"bundle": opening},
           {"bundle": u64(1) + u64(0), "unit": gone, "times": 1025}, deniable=False)
    case("B2", "bundle 0 again", "unexpected", opening, opening)
    case("B2", "bundle 1 first: held", None, u64(1) + u64(0))
    case("B3", "no resume", "malformed", items(gone))
    case("B3", "resume is the second item", "malformed", items(gone, resume(stream)))
    case("B3", "a second resume", "malformed", start, start)
    case("B4", "a receipt for what was not said", "malformed", u64(0) + u64(1) + resume(stream))
    case("B5", "a text behind the end", "unexpected", start, text(b"", kind=2), text())
    case("B5", "a query behind the end, in one bundle", "unexpected", start,
         lambda low, high: [(made := high.state(2, b"", START, low))[0], gone, made[1]])
    case("B6", "no signature", "bad-signature", start, lambda low, high: high.state(1, hello, START, low, True))
    case("B6", "a signature over nothing", "malformed", start, items(item(9, bytes(768))))
    case("B6", "a signature in a deniable session", "malformed", start, text(), deniable=True)
    case("B7", "it has seen what we did not say", "bad-chain", start, text(seen=1))
    case("B8", "a time after the last", "malformed", start, text(time=8_640_000_000_000_001))
    case("B8", "a text that is no UTF-8", "malformed", start, text(b"\xff"))
    case("B8", "an offer that is none", "malformed", start, text(b"{}", kind=3))
    case("B8", "97 leaves", "malformed", start, items(item(6, bytes(16) + u64(0) + u64(0) + u64(97) + bytes(32))))
    case("B8", "no leaf", "malformed", start, items(item(6, bytes(16) + u64(1) + u64(1) + u64(1) + bytes(32))))
    case("B9", "a signature over the hash before", "bad-signature", start, text(),
         lambda low, high: [high.state(1, hello, START, low)[0],
                            item(9, sign(high.x, "parley-1 statement signature", high.heads[-2], bytes(32)))])


def refuse_frames(to: Refused) -> dict:
    """A file of one leaf, in a window of its own."""
    session_id, offer, data = b"\x0b" * 32, b"\x0d" * 16, b"hello"
    root = tagged("parley-1 file", u64(5), tagged("parley-1 file leaf", data))
    made = window(b"\x0c" * 32, session_id, offer, root, 5, 0, 1)
    good = frame(made, 0, [], data, b"\x11" * 16)
    odd = made["label"] + u32(0)
    prefix = SUITE + u8(5) + odd

    def sealed(padded: bytes) -> bytes:
        return prefix + seal(made["key"], b"\x11" * 16, prefix, padded)

    to.named = {"frame": good}
    to.add("F1", "a byte less", "malformed", "receiver", good[:-1])
    to.add("F1", "another version", "suite-mismatch", "receiver", changed(good, 7, b"2"))
    to.add("F2", "a label that is unknown", "bad-message", "receiver", changed(good, 9, u8(good[9] ^ 1)))
    to.add("F2", "the same again: its window is closed, so it is dropped", None, "receiver", good, good)
    to.add("F3", "one is left out: dropped", None, "receiver", changed(good, 20, b"\x01"))
    to.add("F4", "the next padded length", "malformed", "receiver", sealed(pad(u8(0) + data).ljust(1344, b"\0")))
    to.add("F5", "one bit of the box", "bad-message", "receiver", changed(good, 1348, u8(good[1348] ^ 1)))
    to.add("F6", "a depth of 21", "malformed", "receiver", sealed(pad(u8(21) + data)))
    to.add("F6", "no padding mark", "malformed", "receiver", sealed(bytes(1280)))
    to.add("F7", "another leaf", "changed", "receiver", sealed(pad(u8(0) + b"jello")))
    return {"sessionId": session_id, "id": offer, "root": root, "bytes": 5, "from": 0, "until": 1, "key": b"\x0c" * 32,
            "frame": good}


def plain(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


def main() -> None:
    met = handshake()
    code = "7-calm-harbor-lantern"
    invited = handshake(3, code)
    values = sections()
    values["8"] = {"generator": sha256(element(invited["base"]))}
    told = minimal(met)
    refused = Refused(told)
    refuse_handshake(refused, told)
    refuse_envelopes(refused, met, told)
    refuse_bundles(refused, met)
    file = refuse_frames(refused)
    print(json.dumps(plain({
        "note": "For tests only. Every private value of these people is printed here, so it is nobody's.",
        "sections": values,
        "conversations": {"minimal": told, "deniable": deniable(invited, code, values["13.8"]["offer"].encode())},
        "file": file,
        "refused": refused.cases,
    }), indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
