/**
 * docs/ATTACKS.md, made from the catalogue.
 *
 * @module
 */
import type { Answer, Attack } from "./attack.ts";
import { ATTACKS, CHAPTERS } from "./catalog.ts";

const HEAD = `<!-- deno-fmt-ignore-file -->
<!-- Made by lab/page.ts: deno run lab/main.ts --docs > docs/ATTACKS.md -->

# Known attacks, played

\`deno task attack\` plays each attack of this page twice, over real Socket.IO and through a relay that is hostile: first
against a textbook version of the protocol, where it must succeed, then against \`parley-1\`, where it must not. It exits
with 0 only if all of that is so. \`deno task attack NAME\` plays one alone, step by step, with its numbers.`;

const METHOD = `## How it is played

* **The textbook** is the protocol as it is first told: the seven steps, ElGamal signatures and Diffie-Hellman modulo a
  prime, SHA-1 of the share signed, AES-256-CFB under the hash of the secret, and no check beside the signature
  equation. It is in \`lab/textbook/\`. Where an attack needs one more mistake (an optional MAC, a list of suites,
  a counter), the play adds just that one. Nothing in \`lib/\` imports any of it.
* **The victim** of the second play is the real client without its command line: conversation, session, queue and
  connection out of \`lib/\`, and its chat where a screen matters.
* **Success** is checked by what the attacker has in the end: the text, the private key, a message that was taken for
  another's. **Refusal** is checked by the error code, so that another check that happens to refuse does not count.
* **A refusal proves nothing if the set-up is broken.** So the same clients, without the attack, shake hands and read each
  other; the victim must have come to the very step at which the attack matters; a forged signature must solve the
  equation; and where a conversation goes on after a refusal, it must be seen to go on.`;

const LIMITS = `## What is not played

* **Timing.** JavaScript promises nothing about it, and a play in one process could show nothing; \`SECURITY.md\` says what
  is left.
* **A disturbed computation.** Fresh entropy in each nonce is there for one signature made twice, once with a fault; a
  play can't bring a processor to a fault.
* **Somebody with your device,** and what heals after they have gone: the tests of the ratchet show that.
* **A quantum computer.** Where one is needed, a group of 32 bits stands for what any group is to it.
* **A relay that does not deliver.** Nobody can prevent that. \`dropping\` and \`cut-conversation\` show that it is noticed.
* **Two people who neither use a code nor compare.** \`short-fingerprint\` shows what that costs: the relay reads along, and
  only the number that nobody looked at would have told.`;

const ANSWERS: Readonly<Record<Answer, string>> = {
  refused: "refused",
  noticed: "not prevented, but noticed",
};

/** The page. */
export function page(): string {
  const rows = ATTACKS.map(({ name, check, code, answer = "refused" }, i) =>
    `| ${i + 1} | [\`${name}\`](#${name}) | ${answer} | ${codeCell(code)} | ${
      check.replaceAll("|", "\\|")
    } |`
  );
  const summary = [
    `## All ${ATTACKS.length}`,
    "",
    "| | attack | `parley-1` | says | because |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ];
  const chapters = CHAPTERS.map(([title, attacks]) =>
    [`## ${capitalized(title)}`, ...attacks.map(entry)].join("\n\n")
  );
  return [HEAD, summary.join("\n"), METHOD, ...chapters, LIMITS].join("\n\n") + "\n";
}

/** One attack. */
function entry({ name, idea, formula, answer = "refused", code, defence }: Attack): string {
  return [
    `### ${name}`,
    idea,
    `\`\`\`text\n${formula}\n\`\`\``,
    `\`parley-1\`: ${ANSWERS[answer]}${code === null ? "" : `, ${codeCell(code)}`}. ${
      capitalized(defence)
    }.`,
  ].join("\n\n");
}

function codeCell(code: string | null): string {
  return code === null ? "" : `\`${code}\``;
}

function capitalized(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}`;
}
