"""The primitives of docs/PROTOCOL.md that Python's standard library lacks, for generate_specification.py.

The group (3), the nonce of RFC 6979 (6.2), what people compare (14), AES-256 in CFB mode (FIPS 197, SP 800-38A) and
ML-KEM-768 (FIPS 203). It is slow, it leaks through its timing, and it is for tests only.
"""
import hashlib
import hmac
import pathlib
import re

PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "PROTOCOL.md").read_text(encoding="utf-8")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    key, block, output = mac(salt, secret), b"", b""
    for i in range(1, -(-length // 32) + 1):
        block = mac(key, block + info + bytes([i]))
        output += block
    return output[:length]


def integer(data: bytes) -> int:
    return int.from_bytes(data, "big")


def element(n: int) -> bytes:
    return n.to_bytes(384, "big")


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


# 14 Fingerprints and safety numbers


def digits(hashed: bytes) -> str:
    stretched = hkdf(hashed, b"", b"parley-1 digits", 60)
    return " ".join(f"{integer(stretched[i:i + 5]) % 100_000:05}" for i in range(0, 60, 5))


WORDS = [text.split() for text in re.findall(r"```\n(.*?)\n```", PAGE[PAGE.index("## Appendix A"):], re.S)]


def safety_words(safety_number: str) -> str:
    chosen = hkdf(safety_number.encode(), b"", b"parley-1 safety words", 16)
    return " ".join(WORDS[i % 2][byte] for i, byte in enumerate(chosen))


def safety_picture(safety_number: str) -> list:
    visits = [[0] * 17 for _ in range(9)]
    x, y = 8, 4
    for byte in hkdf(safety_number.encode(), b"", b"parley-1 safety picture", 16):
        for _ in range(4):
            x = min(max(x + (1 if byte & 1 else -1), 0), 16)
            y = min(max(y + (1 if byte & 2 else -1), 0), 8)
            visits[y][x] += 1
            byte >>= 2
    rows = ["|" + "".join(" .o+=*BOX@%&#/^"[min(n, 14)] for n in row) + "|" for row in visits]
    edge = "+" + "-" * 17 + "+"
    return [edge, *rows, edge]


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


def kem_encapsulate(key: bytes, message: bytes) -> tuple:
    """FIPS 203, 6.2: the ciphertext and the secret, for this randomness."""
    shared = hashlib.sha3_512(message + hashlib.sha3_256(key).digest()).digest()
    return kem_encrypt(key, message, shared[32:]), shared[:32]
