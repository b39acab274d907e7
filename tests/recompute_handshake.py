#!/usr/bin/env python3
"""Computes tests/vectors/protocol.json again, from its private inputs to its last transcript line.

This is a second implementation of suite parley-1, written from docs/PROTOCOL.md alone: the numbers in the comments
are its sections. It uses Python's integers, hashlib and hmac, and nothing else: AES-256 (FIPS 197) and ML-KEM-768
(FIPS 203) are at the end of the file. It is slow, it leaks through its timing, and it is for tests only.

    python3 tests/recompute_handshake.py

One line for each value that agrees; the exit code is 1 if one does not.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import re
import sys
from datetime import datetime, timezone

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")
VECTORS = json.loads((ROOT / "tests" / "vectors" / "protocol.json").read_text(encoding="utf-8"))

# So that a file with nothing in it does not agree by saying nothing.
EXPECTED = 566

agreed, differing = 0, 0


def agree(what: str, computed, recorded) -> None:
    """Says whether a computed value is the recorded one."""
    global agreed, differing
    if isinstance(computed, bytes):
        computed = computed.hex()
    if computed == recorded:
        agreed += 1
        print(f"ok       {what}")
    else:
        differing += 1
        print(f"DIFFERS  {what}\n         computed {str(computed)[:100]}\n         recorded {str(recorded)[:100]}")


# 2 Notation


def label(text: str) -> bytes:
    """A label that stands in the page, letter by letter."""
    if f"`{text}`" not in PAGE:
        raise SystemExit(f"docs/PROTOCOL.md, 16.1, does not know the label {text}")
    return text.encode()


def number(n: int, length: int) -> bytes:
    return n.to_bytes(length, "big")


def integer(data: bytes) -> int:
    return int.from_bytes(data, "big")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tagged_hash(name: str, *fields: bytes) -> bytes:
    return sha256(b"".join(number(len(field), 4) + field for field in (label(name), *fields)))


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(secret: bytes, salt: bytes, info: str, length: int, more: bytes = b"") -> bytes:
    """`more` is what follows the label in the info."""
    key, block, output = mac(salt, secret), b"", b""
    for i in range(1, -(-length // 32) + 1):
        block = mac(key, block + label(info) + more + bytes([i]))
        output += block
    return output[:length]


# 3 The group


def floor_of_e(bits: int) -> int:
    """floor(2^bits * e), by its series."""
    guard = 64
    total, term, n = 0, 1 << (bits + guard), 1
    while term:
        total, term, n = total + term, term // n, n + 1
    return total >> guard


P = 2**3072 - 2**3008 + (floor_of_e(2942) + 2625351) * 2**64 - 1
Q = (P - 1) // 2
G = 2


def element(n: int) -> bytes:
    return number(n, 384)


def is_element(data: bytes) -> bool:
    """For a prime p, Euler's criterion says what the Jacobi symbol says."""
    y = integer(data)
    return len(data) == 384 and 1 < y < P - 1 and pow(y, Q, P) == 1


# 6 ElGamal signatures


def challenge(context: str, y: int, r: int, message: bytes) -> int:
    group = VECTORS["group"]["name"].encode()
    return integer(tagged_hash("parley-1 elgamal", label(context), group, element(y), element(r), message))


def nonce(x: int, digest: bytes, entropy: bytes) -> int:
    """RFC 6979, 3.2, with the additional data of 3.6."""
    seed = element(x) + element(integer(digest)) + entropy
    key, value = bytes(32), b"\x01" * 32
    for separator in b"\x00", b"\x01":
        key = mac(key, value + separator + seed)
        value = mac(key, value)
    while True:
        bits = b""
        while len(bits) < 384:
            value = mac(key, value)
            bits += value
        k = integer(bits[:384]) >> 1
        if 0 < k < Q:
            return k
        key = mac(key, value + b"\x00")
        value = mac(key, value)


def verify(key: bytes, context: str, message: bytes, signature: bytes) -> bool:
    if not is_element(key) or len(signature) != 768:
        return False
    y, r, s = integer(key), integer(signature[:384]), integer(signature[384:])
    if not (1 < r < P and 0 < s < Q and pow(r, Q, P) == 1):
        return False
    return pow(G, challenge(context, y, r, message), P) == pow(y, r, P) * pow(r, s, P) % P


def check_signature(who: str, x: int, context: str, message: bytes, recorded: dict) -> bytes:
    """6.2, step by step; the signature that it gives."""
    y = pow(G, x, P)
    digest = tagged_hash("parley-1 elgamal nonce", label(context), message)
    k = nonce(x, digest, bytes.fromhex(recorded["entropy"]))
    r = pow(G, k, P)
    h = challenge(context, y, r, message)
    s = pow(k, -1, Q) * (h - x * r) % Q
    signature = element(r) + element(s)
    agree(f"{who}: what is signed", message, recorded["message"])
    agree(f"{who}: context", context, recorded["context"])
    agree(f"{who}: digest for the nonce", digest, recorded["digest"])
    agree(f"{who}: k", element(k), recorded["k"])
    agree(f"{who}: r", element(r), recorded["r"])
    agree(f"{who}: h", number(h, 32), recorded["h"])
    agree(f"{who}: s", element(s), recorded["s"])
    agree(f"{who}: the equation holds", verify(element(y), context, message, signature), True)
    return signature


# 10 Boxes


def seal(key: bytes, iv: bytes, header: bytes, plaintext: bytes) -> bytes:
    body = iv + cfb(key[:32], iv, plaintext)
    return body + mac(key[32:], number(len(header), 4) + header + body)


# 5 The handshake


def hello_of(side: dict) -> bytes:
    private = side["private"]
    modes = (1 if side["deniable"] else 0) | (2 if side["invite"] else 0)
    identity = element(pow(G, integer(bytes.fromhex(private["identity"])), P))
    kem_key, _ = kem_key_pair(bytes.fromhex(private["kemSeed"]))
    return b"parley-1\x01" + bytes([modes]) + bytes.fromhex(side["nonce"]) + identity + kem_key


def cpace(code: str, low: bytes, high: bytes, recorded: dict, who: str) -> int:
    """8.2"""
    sid = tagged_hash("parley-1 cpace sid", low, high)
    wide = hkdf(code.encode(), sid, "parley-1 cpace generator ffdhe3072", 400)
    u = integer(wide) % P
    base = G if u in (0, 1, P - 1) else u * u % P
    agree(f"{who}: sid of CPace", sid, recorded["sid"])
    agree(f"{who}: wide of CPace", wide, recorded["wide"])
    agree(f"{who}: generator of CPace", element(base), recorded["generator"])
    return base


def share_of(who: str, side: dict, base: int, own_hello: bytes, other_hello: bytes) -> bytes:
    private = side["private"]
    share = element(pow(base, integer(bytes.fromhex(private["share"])), P))
    ciphertext = bytes.fromhex(side["kemCiphertext"])
    agree(f"{who}: share", share, side["share"])
    agree(f"{who}: share is an element", is_element(share), True)
    context = "parley-1 key exchange signature"
    signed = tagged_hash("parley-1 key exchange", own_hello, other_hello, share, ciphertext)
    x = integer(bytes.fromhex(private["identity"]))
    signature = check_signature(f"{who}: share", x, context, signed, side["signature"])
    return b"parley-1\x02" + share + ciphertext + signature


def check_confirmation(who: str, side: dict, key: bytes, session_id: bytes) -> None:
    name = side["confirmation"]["name"].encode()
    plaintext = bytes([len(name)]) + name + bytes(127 - len(name))
    box = seal(key, bytes.fromhex(side["confirmation"]["iv"]), session_id, plaintext)
    agree(f"{who}: plaintext of the confirmation", plaintext, side["confirmation"]["plaintext"])
    agree(f"{who}: confirmation", b"parley-1\x03" + box, side["confirmation"]["message"])


# 11 The ratchet


def check_chains(who: str, recorded: list, keys: dict) -> list:
    """11.1 to 11.3: for each chain its chain key, its header key and its announcement."""
    root, chain, announcement = keys["root"], keys["chainHigh"], bytes(2656)
    header_keys = [keys["headerHigh"], keys["headerLow"], keys["nextHeaderHigh"]]
    chains, before = [], None
    for i, step in enumerate(recorded):
        agree(f"{who}: owner of chain {i}", "high" if i % 2 == 0 else "low", step["owner"])
        if i > 0:
            exponent = integer(bytes.fromhex(step["exponent"]))
            share = pow(G, exponent, P)
            kem_key, _ = kem_key_pair(bytes.fromhex(step["kemSeed"]))
            ciphertext = bytes.fromhex(step["announcement"])[1568:]
            if i == 1:
                agree(f"{who}: c1", ciphertext, "00" * 1088)
                z, k = bytes(384), bytes(32)
            else:
                z = element(pow(before["share"], exponent, P))
                k = kem_decapsulate(before["seed"], ciphertext)
            u = tagged_hash("parley-1 ratchet keys", element(share), kem_key, ciphertext)
            derived = hkdf(z + k, root, "parley-1 ratchet root", 128, u)
            root, chain, announcement = derived[:32], derived[32:64], element(share) + kem_key + ciphertext
            header_keys.append(derived[64:])
            agree(f"{who}: Z{i}", z, step["diffieHellman"])
            agree(f"{who}: k{i}", k, step["kemSecret"])
            agree(f"{who}: u{i}", u, step["keys"])
            before = {"share": share, "seed": bytes.fromhex(step["kemSeed"])}
        agree(f"{who}: A{i}", announcement, step["announcement"])
        agree(f"{who}: root{i}", root, step["root"])
        agree(f"{who}: chain{i}", chain, step["chain"])
        agree(f"{who}: header{i}", header_keys[i], step["headerKey"])
        agree(f"{who}: header{i + 2}", header_keys[i + 2], step["nextHeaderKey"])
        chains.append({"chain": chain, "header": header_keys[i], "announcement": announcement, "sent": 0})
    return chains


# 12 Padding


def padme(length: int) -> int:
    if length <= 1280:
        return 1280
    e = length.bit_length() - 1
    s = e.bit_length()
    unit = 1 << (e - s)
    return -(-length // unit) * unit


def pad(payload: bytes) -> bytes:
    return (payload + b"\x80").ljust(padme(len(payload) + 1), b"\x00")


# 13 Bundles and statements


class Speaker:
    """One side's chain, as its sender makes it."""

    def __init__(self, side: dict, session_id: bytes):
        self.x = integer(bytes.fromhex(side["private"]["identity"]))
        self.identity = element(pow(G, self.x, P))
        self.session_id = session_id
        # The hash after 0, 1, 2, … statements.
        self.heads, self.seen, self.bundles = [session_id], 0, 0

    def statement(self, who: str, content: dict, other: "Speaker") -> bytes:
        """The item of the next statement."""
        body, kind = content["text"].encode(), {"text": 1, "end": 2}[content["type"]]
        sequence, seen, time = (number(n, 8) for n in (len(self.heads) - 1, content["seen"], content["time"]))
        previous, answered = self.heads[-1], other.heads[content["seen"]]
        said = [sequence, time, bytes([kind]), sha256(body), previous]
        hashed = tagged_hash("parley-1 statement", self.session_id, self.identity, *said, seen, answered)
        agree(f"{who}: sequence", integer(sequence), content["sequence"])
        agree(f"{who}: seen goes not back", content["seen"] >= self.seen, True)
        agree(f"{who}: answered", answered, content["answered"])
        agree(f"{who}: hash of the body", sha256(body), content["bodyHash"])
        agree(f"{who}: previous", previous, content["previous"])
        agree(f"{who}: hash", hashed, content["hash"])
        self.heads.append(hashed)
        self.seen = content["seen"]
        return item(kind, seen + time + body)

    def bundle(self, who: str, content: dict, other: "Speaker", deniable: bool) -> bytes:
        """The payload of the next bundle."""
        agree(f"{who}: number", self.bundles, content["number"])
        agree(f"{who}: received", content["received"] < len(other.heads), True)
        payload = number(self.bundles, 8) + number(content["received"], 8)
        self.bundles += 1
        before = len(self.heads)
        for i, each in enumerate(content["items"]):
            if each["type"] == "resume":
                agree(f"{who}: the resume is the first item of bundle 0", (content["number"], i), (0, 0))
                stream, known = (bytes.fromhex(each[name]) for name in ("stream", "known"))
                payload += item(4, stream + number(each["first"], 8) + known + number(each["received"], 8))
            else:
                payload += self.statement(f"{who}: item {i}", each, other)
        is_due = len(self.heads) > before and not deniable
        agree(f"{who}: signed once, if it states something", content["signature"] is not None, is_due)
        if is_due:
            signature = check_signature(
                who, self.x, "parley-1 statement signature", self.heads[-1], content["signature"]
            )
            payload += item(9, signature)
        return payload


def item(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + number(len(content), 4) + content


def check_message(who: str, recorded: dict, chains: list, speaker: Speaker, other: Speaker, deniable: bool) -> None:
    payload = speaker.bundle(f"{who}: bundle", recorded["bundle"], other, deniable)
    agree(f"{who}: payload", payload, recorded["payload"])
    agree(f"{who}: padded", pad(payload), recorded["padded"])
    # 11.4, 11.5
    index, at = recorded["chain"], chains[recorded["chain"]]
    chain, n = at["chain"], at["sent"]
    at["sent"] += 1
    agree(f"{who}: number", n, recorded["number"])
    previous_length = chains[index - 2]["sent"] if index > 1 else 0
    agree(f"{who}: previousLength", previous_length, recorded["previousLength"])
    for _ in range(n):
        chain = mac(chain, b"\x02")
    key = mac(chain, b"\x01")
    box_key = hkdf(key, b"", "parley-1 message key", 64)
    agree(f"{who}: chain key", chain, recorded["chainKey"])
    agree(f"{who}: message key", key, recorded["messageKey"])
    agree(f"{who}: cipher key", box_key[:32], recorded["cipherKey"])
    agree(f"{who}: MAC key", box_key[32:], recorded["macKey"])
    prefix, iv = b"parley-1\x04", bytes.fromhex(recorded["headerIv"])
    plaintext = number(previous_length, 4) + number(n, 4) + at["announcement"]
    header = cfb(at["header"][:32], iv, plaintext)
    authenticated = speaker.session_id + prefix + iv + header
    box = seal(box_key, bytes.fromhex(recorded["iv"]), authenticated, pad(payload))
    tag = mac(at["header"][32:], sha256(prefix + iv + header + box))
    agree(f"{who}: tag", tag, recorded["tag"])
    agree(f"{who}: envelope", prefix + tag + iv + header + box, recorded["envelope"])


def digits(hashed: bytes) -> str:
    stretched = hkdf(hashed, b"", "parley-1 digits", 60)
    return " ".join(f"{integer(stretched[i:i + 5]) % 100_000:05}" for i in range(0, 60, 5))


WORDS = [text.split() for text in re.findall(r"```\n(.*?)\n```", PAGE[PAGE.index("## Appendix A"):], re.S)]


def safety_words(safety_number: str) -> str:
    chosen = hkdf(safety_number.encode(), b"", "parley-1 safety words", 16)
    return " ".join(WORDS[i % 2][byte] for i, byte in enumerate(chosen))


def safety_picture(safety_number: str) -> list:
    visits = [[0] * 17 for _ in range(9)]
    x, y = 8, 4
    for byte in hkdf(safety_number.encode(), b"", "parley-1 safety picture", 16):
        for _ in range(4):
            x = min(max(x + (1 if byte & 1 else -1), 0), 16)
            y = min(max(y + (1 if byte & 2 else -1), 0), 8)
            visits[y][x] += 1
            byte >>= 2
    rows = ["|" + "".join(" .o+=*BOX@%&#/^"[min(n, 14)] for n in row) + "|" for row in visits]
    edge = "+" + "-" * 17 + "+"
    return [edge, *rows, edge]


def check_safety(who: str, recorded: dict, session_id: bytes, low: bytes, high: bytes) -> None:
    safety_number = digits(tagged_hash("parley-1 safety number", session_id, *sorted([low, high])))
    for role, key in ("Low", low), ("High", high):
        fingerprint = digits(tagged_hash("parley-1 key fingerprint", key))
        agree(f"{who}: fingerprint of {role.lower()}", fingerprint, recorded[f"fingerprint{role}"])
    agree(f"{who}: safety number", safety_number, recorded["safetyNumber"])
    agree(f"{who}: safety words", safety_words(safety_number), recorded["safetyWords"])
    agree(f"{who}: safety picture", safety_picture(safety_number), recorded["safetyPicture"])


# 15 Exported transcripts


def spelling(fields: dict) -> str:
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def iso_time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds // 1000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def check_transcript(who: str, recorded: dict, handshake: dict, session_id: bytes, keys: dict) -> None:
    """The lines are written again from the messages; the last one's signature is verified."""
    *lines, seal_line = recorded["transcript"].splitlines()
    opening = {
        "parley": "transcript 1",
        "exporter": "high",
        "names": {role: recorded[role]["confirmation"]["name"] for role in ("low", "high")},
        **{name: base64_of(message) for name, message in handshake.items()},
    }
    opening["hash"] = base64_of(sha256(spelling(opening).encode()))
    agree(f"{who}: line 1 of the transcript", spelling(opening), lines[0])
    said = {}
    for message in recorded["messages"]:
        stated = [each for each in message["bundle"]["items"] if each["type"] != "resume"]
        for each in stated:
            signature = message["bundle"]["signature"] if each is stated[-1] else None
            said[message["from"], each["sequence"]] = {**each, "signature": signature}
    agree(f"{who}: statements in the transcript", len(lines) - 1, len(said))
    above = {"low": 0, "high": 0}
    for i, line in enumerate(lines[1:], 2):
        # The order between the two sides is the exporter's; all the rest follows.
        sender, sequence = json.loads(line)["sender"], json.loads(line)["sequence"]
        content = said[sender, sequence]
        signature = content["signature"]
        fields = {
            "line": i,
            "sender": sender,
            "sequence": sequence,
            "seen": content["seen"],
            "time": iso_time(content["time"]),
            "kind": content["type"],
            "text": content["text"],
            "hash": base64_of(bytes.fromhex(content["hash"])),
            "signature": signature and base64_of(bytes.fromhex(signature["r"] + signature["s"])),
        }
        agree(f"{who}: line {i} of the transcript", spelling(fields), line)
        answers_above = content["seen"] <= above["low" if sender == "high" else "high"]
        agree(f"{who}: what line {i} answers stands above it", answers_above, True)
        above[sender] += 1
    last = json.loads(seal_line)
    agree(f"{who}: spelling of the last line", spelling(last), seal_line)
    agree(f"{who}: count of the last line", last["statements"], len(said))
    body = "".join(line + "\n" for line in lines).encode()
    signature = base64.b64decode(last["signature"])
    holds = verify(keys["high"], "parley-1 export signature", sha256(body), signature)
    agree(f"{who}: the last line's signature verifies", holds, True)


def check_conversation(recorded: dict) -> None:
    who = recorded["name"]
    hellos = {role: hello_of(recorded[role]) for role in ("low", "high")}
    for role, hello in hellos.items():
        agree(f"{who}: hello of {role}", hello, recorded[role]["hello"])
        agree(f"{who}: identity of {role} is an element", is_element(hello[42:426]), True)
    agree(f"{who}: low is low", hellos["low"] < hellos["high"], True)
    base = G
    if recorded["code"] is not None:
        base = cpace(recorded["code"], hellos["low"], hellos["high"], recorded["cpace"], who)
    shares = {}
    for role, other in ("low", "high"), ("high", "low"):
        shares[role] = share_of(f"{who}: {role}", recorded[role], base, hellos[role], hellos[other])
        agree(f"{who}: share message of {role}", shares[role], recorded[role]["shareMessage"])
    # 7, from either side.
    exponents = {role: integer(bytes.fromhex(recorded[role]["private"]["share"])) for role in hellos}
    z = element(pow(integer(shares["high"][9:393]), exponents["low"], P))
    agree(f"{who}: Diffie-Hellman secret of low", z, recorded["secrets"]["diffieHellman"])
    same = element(pow(integer(shares["low"][9:393]), exponents["high"], P))
    agree(f"{who}: Diffie-Hellman secret of high", same, recorded["secrets"]["diffieHellman"])
    kem_low, kem_high = (
        kem_decapsulate(bytes.fromhex(recorded[to]["private"]["kemSeed"]), shares[of][393:1481])
        for of, to in (("low", "high"), ("high", "low"))
    )
    agree(f"{who}: ML-KEM secret of low", kem_low, recorded["secrets"]["kemLow"])
    agree(f"{who}: ML-KEM secret of high", kem_high, recorded["secrets"]["kemHigh"])
    # 9
    session_id = tagged_hash("parley-1 transcript", hellos["low"], hellos["high"], shares["low"], shares["high"])
    agree(f"{who}: session id", session_id, recorded["sessionId"])
    keys = {
        name: hkdf(z + kem_low + kem_high, session_id, f"parley-1 {info}", length)
        for name, info, length in (
            ("confirmationLow", "confirmation low", 64),
            ("confirmationHigh", "confirmation high", 64),
            ("root", "root", 32),
            ("chainHigh", "chain high", 32),
            ("headerHigh", "header high", 64),
            ("headerLow", "header low", 64),
            ("nextHeaderHigh", "next header high", 64),
        )
    }
    for name, key in keys.items():
        agree(f"{who}: key {name}", key, recorded["keys"][name])
    for role, name in ("low", "confirmationLow"), ("high", "confirmationHigh"):
        check_confirmation(f"{who}: {role}", recorded[role], keys[name], session_id)
    chains = check_chains(who, recorded["chains"], keys)
    speakers = {role: Speaker(recorded[role], session_id) for role in hellos}
    for i, message in enumerate(recorded["messages"]):
        speaker, other = speakers[message["from"]], speakers["low" if message["from"] == "high" else "high"]
        check_message(f"{who}: message {i}", message, chains, speaker, other, recorded["transcript"] is None)
    identities = {role: hello[42:426] for role, hello in hellos.items()}
    check_safety(who, recorded, session_id, identities["low"], identities["high"])
    if recorded["transcript"] is not None:
        handshake = {
            "helloLow": hellos["low"],
            "helloHigh": hellos["high"],
            "shareLow": shares["low"],
            "shareHigh": shares["high"],
        }
        check_transcript(who, recorded, handshake, session_id, identities)


# AES-256 in CFB mode with 128-bit segments: FIPS 197, and SP 800-38A, 6.3


def times_x(byte: int) -> int:
    return (byte << 1 ^ (0x11B if byte & 0x80 else 0)) & 0xFF


def make_sbox() -> list:
    # Powers of the generator 3, and the inverses that follow from them.
    powers, value = [], 1
    for _ in range(255):
        powers.append(value)
        value ^= times_x(value)
    inverses = {0: 0, **{power: powers[-i % 255] for i, power in enumerate(powers)}}
    sbox = []
    for byte in range(256):
        bits, result = inverses[byte], 0x63
        for shift in range(5):
            result ^= (bits << shift | bits >> 8 - shift) & 0xFF
        sbox.append(result)
    return sbox


SBOX = make_sbox()


def round_keys(key: bytes) -> list:
    words, constant = [list(key[i:i + 4]) for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = list(words[-1])
        if i % 8 == 0:
            word = [SBOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = times_x(constant)
        elif i % 8 == 4:
            word = [SBOX[byte] for byte in word]
        words.append([a ^ b for a, b in zip(words[-8], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def mix_column(column: list) -> list:
    everything = column[0] ^ column[1] ^ column[2] ^ column[3]
    return [column[i] ^ everything ^ times_x(column[i] ^ column[(i + 1) % 4]) for i in range(4)]


def encrypt_block(keys: list, block: bytes) -> bytes:
    state = [a ^ b for a, b in zip(block, keys[0])]
    for i, key in enumerate(keys[1:], 1):
        state = [SBOX[state[(5 * j) % 16]] for j in range(16)]  # SubBytes and ShiftRows
        if i < 14:
            state = sum((mix_column(state[j:j + 4]) for j in range(0, 16, 4)), [])
        state = [a ^ b for a, b in zip(state, key)]
    return bytes(state)


def cfb(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    keys, before, ciphertext = round_keys(key), iv, b""
    for i in range(0, len(plaintext), 16):
        before = bytes(a ^ b for a, b in zip(plaintext[i:i + 16], encrypt_block(keys, before)))
        ciphertext += before
    return ciphertext


# ML-KEM-768: FIPS 203, with k = 3, eta = 2, du = 10, dv = 4

KEM_Q = 3329
ZETAS = [pow(17, int(f"{i:07b}"[::-1], 2), KEM_Q) for i in range(128)]


def ntt(polynomial: list) -> list:
    f, i, length = list(polynomial), 1, 128
    while length >= 2:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                t = ZETAS[i] * f[j + length]
                f[j], f[j + length] = (f[j] + t) % KEM_Q, (f[j] - t) % KEM_Q
            i += 1
        length //= 2
    return f


def inverse_ntt(polynomial: list) -> list:
    f, i, length = list(polynomial), 127, 2
    while length <= 128:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                f[j], f[j + length] = (f[j] + f[j + length]) % KEM_Q, ZETAS[i] * (f[j + length] - f[j]) % KEM_Q
            i -= 1
        length *= 2
    return [value * 3303 % KEM_Q for value in f]


def multiply(f: list, g: list) -> list:
    product = []
    for i in range(128):
        gamma = ZETAS[i] * ZETAS[i] * 17
        (a0, a1), (b0, b1) = f[2 * i:2 * i + 2], g[2 * i:2 * i + 2]
        product += [(a0 * b0 + a1 * b1 * gamma) % KEM_Q, (a0 * b1 + a1 * b0) % KEM_Q]
    return product


def add(*polynomials: list) -> list:
    return [sum(values) % KEM_Q for values in zip(*polynomials)]


def dot(one: list, other: list) -> list:
    return add(*(multiply(f, g) for f, g in zip(one, other)))


def byte_encode(polynomial: list, bits: int) -> bytes:
    return sum(value << bits * i for i, value in enumerate(polynomial)).to_bytes(32 * bits, "little")


def byte_decode(data: bytes, bits: int) -> list:
    packed = int.from_bytes(data, "little")
    return [packed >> bits * i & (1 << bits) - 1 for i in range(256)]


def compress(polynomial: list, bits: int) -> list:
    return [((value << bits + 1) + KEM_Q) // (2 * KEM_Q) % (1 << bits) for value in polynomial]


def decompress(polynomial: list, bits: int) -> list:
    return [(value * KEM_Q + (1 << bits - 1)) >> bits for value in polynomial]


def sample_uniform(seed: bytes) -> list:
    stream, values = hashlib.shake_128(seed).digest(1344), []
    for a, b, c in zip(stream[::3], stream[1::3], stream[2::3]):
        values += [value for value in (a + 256 * (b % 16), b // 16 + 16 * c) if value < KEM_Q]
    return values[:256]


def sample_binomial(seed: bytes, counter: int) -> list:
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([counter])).digest(128), "little")
    nibbles = [bits >> 4 * i & 15 for i in range(256)]
    return [((n & 1) + (n >> 1 & 1) - (n >> 2 & 1) - (n >> 3)) % KEM_Q for n in nibbles]


def matrix(rho: bytes) -> list:
    return [[sample_uniform(rho + bytes([j, i])) for j in range(3)] for i in range(3)]


def kem_key_pair(seed: bytes) -> tuple:
    """The encapsulation key, and the secret vector."""
    rho_sigma = hashlib.sha3_512(seed[:32] + b"\x03").digest()
    rho, sigma = rho_sigma[:32], rho_sigma[32:]
    secret = [ntt(sample_binomial(sigma, i)) for i in range(3)]
    error = [ntt(sample_binomial(sigma, i + 3)) for i in range(3)]
    t = [add(dot(row, secret), e) for row, e in zip(matrix(rho), error)]
    return b"".join(byte_encode(f, 12) for f in t) + rho, secret


def kem_encrypt(key: bytes, message: bytes, randomness: bytes) -> bytes:
    t = [byte_decode(key[384 * i:384 * (i + 1)], 12) for i in range(3)]
    y = [ntt(sample_binomial(randomness, i)) for i in range(3)]
    columns = zip(*matrix(key[1152:]))
    u = [add(inverse_ntt(dot(column, y)), sample_binomial(randomness, i + 3)) for i, column in enumerate(columns)]
    mu = decompress(byte_decode(message, 1), 1)
    v = add(inverse_ntt(dot(t, y)), sample_binomial(randomness, 6), mu)
    return b"".join(byte_encode(compress(f, 10), 10) for f in u) + byte_encode(compress(v, 4), 4)


def kem_decapsulate(seed: bytes, ciphertext: bytes) -> bytes:
    key, secret = kem_key_pair(seed)
    u = [ntt(decompress(byte_decode(ciphertext[320 * i:320 * (i + 1)], 10), 10)) for i in range(3)]
    v = decompress(byte_decode(ciphertext[960:], 4), 4)
    difference = [(a - b) % KEM_Q for a, b in zip(v, inverse_ntt(dot(secret, u)))]
    message = byte_encode(compress(difference, 1), 1)
    shared = hashlib.sha3_512(message + hashlib.sha3_256(key).digest()).digest()
    if kem_encrypt(key, message, shared[32:]) == ciphertext:
        return shared[:32]
    return hashlib.shake_256(seed[32:] + ciphertext).digest(32)


def main() -> int:
    group = VECTORS["group"]
    agree("p", f"{P:x}", group["p"])
    agree("q", f"{Q:x}", group["q"])
    agree("g", f"{G:x}", group["g"])
    agree("SHA-256 of p in 3", sha256(element(P)).hex() in PAGE, True)
    agree("words in appendix A", [len(words) for words in WORDS], [256, 256])
    library = (ROOT / "lib" / "protocol" / "words.ts").read_text(encoding="utf-8")
    agree("words of the library", WORDS, [text.split() for text in re.findall(r"list\(`(.*?)`\)", library, re.S)])
    for length, padded in VECTORS["padding"]:
        agree(f"Padme({length})", padme(length), padded)
    for recorded in VECTORS["conversations"]:
        check_conversation(recorded)
    print(f"{agreed} values agree, {differing} differ, {EXPECTED} expected")
    return 0 if differing == 0 and agreed == EXPECTED else 1


if __name__ == "__main__":
    sys.exit(main())
