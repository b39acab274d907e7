/**
 * How cost grows: with the size of a message, the number of lines, the size of a file and the number of pairs.
 *
 * @module
 */
import { measureSizes, pipeLines } from "./lines.ts";
import { median } from "./measure.ts";
import { measureBare } from "./relay.ts";
import { measureFile } from "./transfer.ts";

/** One curve, and the peer's beside it. */
export interface Growth {
  /** What `--row` calls it. */
  readonly name: string;
  /** What grows, and what that costs. */
  readonly x: string;
  readonly y: string;
  /** What the second curve is; `null` for none. */
  readonly peer: string | null;
  /** Each point: what grows, ours, the peer's or `null`. */
  readonly points: readonly (readonly [x: number, ours: number, peer: number | null])[];
}

/** A curve that can be measured. */
export type Grower = Omit<Growth, "points"> & {
  readonly measure: (quick: boolean) => Promise<Growth["points"]>;
};

/** The curves, in the order of the picture. */
export const GROWTH: readonly Grower[] = [
  {
    name: "by-size",
    x: "bytes of a message",
    y: "ms from one script to the other",
    peer: null,
    async measure(quick) {
      const sizes = quick ? [64, 4096] : [16, 256, 4096, 16_384, 65_536, 262_144, 500_000];
      const times = await measureSizes(sizes, quick ? 2 : 6);
      return sizes.map((size, i) => [size, median(times[i]!), null]);
    },
  },
  {
    name: "by-lines",
    x: "piped lines",
    y: "s until all have arrived",
    peer: null,
    async measure(quick) {
      const points: [number, number, null][] = [];
      for (const count of quick ? [10, 100] : [10, 100, 1000, 10_000, 30_000]) {
        const { seconds, arrived } = await pipeLines(count);
        points.push([count, seconds * count / Math.max(1, arrived), null]);
      }
      return points;
    },
  },
  {
    name: "by-file",
    x: "MiB of a file",
    y: "s, start-up included",
    peer: "magic-wormhole",
    async measure(quick) {
      const points: [number, number, number | null][] = [];
      for (const mebibytes of quick ? [1] : [1, 8, 32, 128, 512]) {
        const { ours, peer } = await measureFile(mebibytes, 1);
        points.push([mebibytes, ours, peer]);
      }
      return points;
    },
  },
  {
    name: "by-pairs",
    x: "pairs at one relay",
    y: "µs of processor time a message",
    peer: "bare WebSocket relay",
    async measure(quick) {
      const points: [number, number, number | null][] = [];
      for (const pairs of quick ? [2] : [1, 5, 20, 50, 100, 200]) {
        const { ours, peer } = await measureBare(true, pairs);
        points.push([pairs, ours, peer]);
      }
      return points;
    },
  },
];
