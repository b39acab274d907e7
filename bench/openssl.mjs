/**
 * OpenSSL's side of the cryptographic rows, in Node: `node openssl.mjs PRIME EXPONENT`, both in hexadecimal. It reads
 * `NAME MILLISECONDS` a line, does that again and again for so long, and answers with the milliseconds that one took.
 */
import {
  createCipheriv,
  createDecipheriv,
  createDiffieHellman,
  createHmac,
  randomBytes,
} from "node:crypto";
import { createInterface } from "node:readline";

const [prime, exponent] = process.argv.slice(2).map((hex) => Buffer.from(hex, "hex"));

/** A key pair with our exponent's length: its own choice for a prime that it knows is another. */
function keyPair() {
  const pair = createDiffieHellman(prime, 2);
  pair.setPrivateKey(exponent);
  pair.generateKeys();
  return pair;
}

const pair = keyPair();
const share = keyPair().getPublicKey();
const [key, macKey, iv] = [randomBytes(32), randomBytes(32), randomBytes(16)];
const mebibyte = randomBytes(1 << 20);
const mac = (bytes) => createHmac("sha256", macKey).update(bytes).digest();
const encrypt = () => createCipheriv("aes-256-cfb", key, iv).update(mebibyte);
const sealed = encrypt();

const OPERATIONS = {
  "dh-pair": keyPair,
  "dh-agree": () => pair.computeSecret(share),
  seal: () => mac(encrypt()),
  open() {
    mac(sealed);
    createDecipheriv("aes-256-cfb", key, iv).update(sealed);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, round] = line.split(" ");
  const start = performance.now();
  let times = 0;
  do {
    OPERATIONS[name]();
    times++;
  } while (performance.now() - start < Number(round));
  console.log((performance.now() - start) / times);
}
