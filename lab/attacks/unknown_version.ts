import { utf8 } from "../../lib/crypto/bytes.ts";
import { type Attack, mustHold } from "../attack.ts";
import { swapHello } from "../plays/swap_hello.ts";
import { TextbookClient } from "../textbook/client.ts";
import { parseJson, writeJson } from "../textbook/json.ts";
import { Tap } from "../textbook/tap.ts";

const LINE = "version 1 is signed";

/** A textbook with a version in it, and a program that knows one. */
class VersionedClient extends TextbookClient {
  protected override sendShare(): void {
    const { r, s } = this.sign(String(this.share));
    const share = { version: 1n, deff_public_key: this.share, s1: r, s2: s };
    this.port.emit("DEFF_HELLMAN_PK", writeJson(share));
  }

  protected override receiveShare(payload: string): void {
    const { version, deff_public_key: share, s1: r, s2: s } = parseJson(payload);
    switch (version) {
      case 1n:
        if (!this.verify(String(share), { r, s })) return void this.refused.push("bad signature");
    }
    // Whatever a later version does about signatures, its share will still be a share.
    this.agreeOn(share);
  }
}

/** A version from the future. */
export const unknownVersion: Attack = {
  name: "unknown-version",
  family: "downgrades and versions",
  idea: "The relay writes version 2: a program that checks what version 1 says checks nothing.",
  formula: "switch (version) { case 1: verify }",
  check: "another version is an error",
  defence: "another version is another protocol, and its hello an error",
  code: "suite-mismatch",
  answer: "refused",

  async textbook(lab) {
    const tap = new Tap(() => ({ version: 2n, s1: 0n, s2: 0n }));
    const make = (port: TextbookClient["port"]) => new VersionedClient(port);
    const { alice, bob } = await lab.textbookPair(make, tap.meddle);
    alice.say(LINE);
    await lab.until(() => bob.shown.length > 0, "Bob reads");
    lab.narrate("the relay's own share, version 2, signed with zeros", {
      share: tap.share,
      "the relay reads": tap.read[0]!,
    });
    mustHold(tap.read[0] === LINE && bob.peerKey === alice.elgamal.y, "the relay reads");
    return `no signature was checked; the relay read "${LINE}"`;
  },

  parley: (lab) =>
    swapHello(lab, (hello) => {
      const next = Uint8Array.from(hello);
      next.set(utf8("parley-2"));
      return next;
    }, "identity-sent"),
};
