/**
 * Each fault of the chaos' proxy, between a client and an echo on this machine, with a clock that stands still.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { LineFault } from "./fault.ts";
import { HOST, Proxy } from "./proxy.ts";
import { granted } from "../../helpers/permissions.ts";
import { StillClock } from "./still_clock.ts";

/** What opens a connection, which no corruption meets. */
const HEAD = "GET / HTTP/1.1\r\n\r\n";

/** A server that says everything back, and keeps what each connection said. */
class Echo implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly #listener = Deno.listen({ hostname: HOST, port: 0 });
  readonly #tasks: Promise<void>[] = [];
  readonly #ends: (() => void)[] = [];
  #isClosed = false;
  ended = 0;

  constructor() {
    this.#tasks.push(this.#accept());
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Resolves when so many connections have ended. */
  async untilEnded(count: number): Promise<void> {
    while (this.ended < count) await new Promise<void>((resolve) => this.#ends.push(resolve));
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#tasks.push(this.#serve(connection, this.heard.push("") - 1));
    }
  }

  async #serve(connection: Deno.TcpConn, index: number): Promise<void> {
    const buffer = new Uint8Array(1024);
    try {
      for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
        this.heard[index] += new TextDecoder("latin1").decode(buffer.subarray(0, n));
        await connection.write(buffer.subarray(0, n));
      }
    } catch {
      // It was cut.
    }
    connection.close();
    this.ended++;
    for (const tell of this.#ends.splice(0)) tell();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.#listener.close();
    this.#isClosed = true;
    await Promise.all(this.#tasks);
  }
}

/** A client's connection through the proxy. */
class Caller implements Disposable {
  readonly #connection: Deno.TcpConn;
  #isClosed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async connect(port: number): Promise<Caller> {
    return new Caller(await Deno.connect({ hostname: HOST, port }));
  }

  async say(text: string): Promise<void> {
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    await this.#connection.write(bytes);
  }

  /** So many bytes, or all until the end. */
  async hear(length = Infinity): Promise<string> {
    let text = "";
    const buffer = new Uint8Array(1024);
    while (text.length < length) {
      const n = await this.#connection.read(buffer);
      if (n === null) return text;
      text += new TextDecoder("latin1").decode(buffer.subarray(0, n));
    }
    return text;
  }

  /** Says it and hears it back. */
  async echo(text: string): Promise<string> {
    await this.say(text);
    return await this.hear(text.length);
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.#connection.close();
    this.#isClosed = true;
  }
}

/** What a test has. */
interface Lab {
  readonly echo: Echo;
  readonly clock: StillClock;
  readonly proxy: Proxy;
  /** Connected, with the head said and heard. */
  readonly caller: Caller;
  /** Faults that have met a connection. */
  readonly hit: string[];
  /** Lets something go wrong. */
  inject(fault: LineFault): void;
}

function test(name: string, fn: (lab: Lab) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted({ name: "net", host: HOST }),
    async fn() {
      await using echo = new Echo();
      const clock = new StillClock();
      await using proxy = new Proxy({ target: echo.port, clock });
      using caller = await Caller.connect(proxy.port);
      assertEquals(await caller.echo(HEAD), HEAD);
      const hit: string[] = [];
      const inject = (fault: LineFault) => proxy.inject(fault, () => hit.push(fault.kind));
      await fn({ echo, clock, proxy, caller, hit, inject });
    },
  });
}

test("Proxy forwards both ways, and an end goes through", async ({ proxy, caller, echo }) => {
  assertEquals(await caller.echo("hello"), "hello");
  caller[Symbol.dispose]();
  await echo.untilEnded(1);
  assertEquals(echo.heard, [`${HEAD}hello`]);
  assertEquals(proxy.connections, 1);
});

test("Proxy delays what passes, in order", async ({ inject, clock, caller, hit }) => {
  inject({ kind: "delay", direction: "up", latency: 100, jitter: 0, lasts: 150 });
  await caller.say("one ");
  await clock.someoneWaits();
  await caller.say("two");
  clock.advance(100);
  assertEquals(await caller.hear(4), "one ");
  assertEquals(hit[0], "delay");
  await clock.someoneWaits();
  clock.advance(100);
  assertEquals(await caller.hear(3), "two");
  assertEquals(await caller.echo("three"), "three", "the impairment is over");
});

test("Proxy lets a throttled line pass so many bytes at a time", async ({ inject, clock, caller }) => {
  inject({ kind: "throttle", direction: "down", bytesPerSecond: 60, lasts: 1000 });
  await caller.say("abcdefgh");
  const heard = [];
  for (let step = 0; step < 3; step++) {
    await clock.someoneWaits();
    clock.advance(50);
    heard.push(await caller.hear(1));
  }
  assertEquals(heard, ["abc", "def", "gh"]);
});

test("Proxy lets nothing pass while it is frozen, and everything after", async ({ inject, clock, caller, hit }) => {
  inject({ kind: "freeze", direction: "up", lasts: 5000 });
  await caller.say("hello");
  await clock.someoneWaits();
  clock.advance(4999);
  assertEquals(hit, ["freeze"]);
  clock.advance(1);
  assertEquals(await caller.hear(5), "hello");
});

test("Proxy cuts every connection, with what is on its way, and takes new ones", async ({ inject, clock, caller, echo, proxy, hit }) => {
  inject({ kind: "delay", direction: "up", latency: 100, jitter: 0, lasts: 1 });
  await caller.say("lost");
  await clock.someoneWaits();
  inject({ kind: "cut" });
  await caller.hear().catch(() => {});
  await echo.untilEnded(1);
  assertEquals(echo.heard, [HEAD]);
  assertEquals(hit.at(-1), "cut");
  clock.advance(100);
  using again = await Caller.connect(proxy.port);
  assertEquals(await again.echo("here"), "here");
});

test("Proxy silences what is connected, which nobody can see, and what connects later passes", async ({ inject, caller, echo, proxy }) => {
  inject({ kind: "silence" });
  await caller.say("unheard");
  using later = await Caller.connect(proxy.port);
  assertEquals(await later.echo("hello"), "hello");
  assertEquals(echo.heard, [HEAD, "hello"]);
  assertEquals(echo.ended, 0);
});

test("Proxy ends one direction, and the other goes on", async ({ inject, caller, echo }) => {
  inject({ kind: "delay", direction: "down", latency: 1, jitter: 0, lasts: 1 });
  inject({ kind: "half-close", direction: "down" });
  assertEquals(await caller.hear(), "", "the end comes");
  await caller.say("still heard");
  caller[Symbol.dispose]();
  await echo.untilEnded(1);
  assertEquals(echo.heard, [`${HEAD}still heard`]);
});

test("Proxy refuses new connections for a while, and leaves the others", async ({ inject, clock, caller, echo, proxy }) => {
  inject({ kind: "refuse", lasts: 1000 });
  using refused = await Caller.connect(proxy.port);
  assertEquals(await refused.hear().catch(() => ""), "");
  assertEquals(await caller.echo("hello"), "hello");
  clock.advance(1000);
  using taken = await Caller.connect(proxy.port);
  assertEquals(await taken.echo("hello"), "hello");
  assertEquals(echo.heard.length, 2);
});

test("Proxy says a connection's beginning again on another one", async ({ inject, clock, caller, echo }) => {
  assertEquals(await caller.echo("join"), "join");
  inject({ kind: "duplicate", lasts: 300 });
  await clock.someoneWaits();
  clock.advance(300);
  await echo.untilEnded(1);
  assertEquals(echo.heard, [`${HEAD}join`, `${HEAD}join`]);
  assertEquals(await caller.echo("hello"), "hello");
});

test("Proxy changes one byte behind the head", async ({ inject, caller, proxy, hit }) => {
  inject({ kind: "corrupt", direction: "up", skip: 3, mask: 1 });
  using other = await Caller.connect(proxy.port);
  assertEquals(await other.echo(HEAD), HEAD, "the head is spared");
  assertEquals([await caller.echo("aa"), await other.echo("aaaa"), await caller.echo("aaaa")], [
    "aa",
    "a`aa",
    "aaaa",
  ]);
  assertEquals(hit, ["corrupt"]);
});

test("Proxy closes what connects while no relay is there", async ({ echo, proxy, caller }) => {
  caller[Symbol.dispose]();
  await echo[Symbol.asyncDispose]();
  using refused = await Caller.connect(proxy.port);
  assertEquals(await refused.hear().catch(() => ""), "");
  assertEquals(proxy.open, 0);
});

test("clearFaults() ends what is in flight", async ({ inject, caller, proxy, hit }) => {
  inject({ kind: "freeze", direction: "up", lasts: 60_000 });
  inject({ kind: "corrupt", direction: "up", skip: 0, mask: 1 });
  inject({ kind: "refuse", lasts: 60_000 });
  proxy.clearFaults();
  assertEquals(await caller.echo("hello"), "hello");
  using other = await Caller.connect(proxy.port);
  assertEquals(await other.echo("hello"), "hello");
  assert(!hit.includes("corrupt"));
});

Deno.test({
  name: "Proxy that is disposed of is gone, and so are its connections",
  ignore: !granted({ name: "net", host: HOST }),
  async fn() {
    await using echo = new Echo();
    const proxy = new Proxy({ target: echo.port, clock: new StillClock() });
    using caller = await Caller.connect(proxy.port);
    assertEquals(await caller.echo("hello"), "hello");
    proxy.inject({ kind: "duplicate", lasts: 60_000 });
    await proxy[Symbol.asyncDispose]();
    assertEquals(await caller.hear().catch(() => ""), "");
    await assertRejects(() => Caller.connect(proxy.port));
  },
});
