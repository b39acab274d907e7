/**
 * Draws curves on logarithmic axes, as one SVG that is readable on light and dark paper.
 *
 * @module
 */
import type { Growth } from "./growth.ts";

/** A panel, and the room inside of it for its axes, in pixels. */
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [380, 250, 56, 16, 16, 44];

const [PAPER, INK, GRID] = ["#ffffff", "#24292f", "#d0d7de"];
/** Ours, and the peer's. */
const COLOURS = ["#0969da", "#bc4c00"] as const;

/** A logarithmic axis over some values: where a value stands from 0 to 1, and the powers of ten on it. */
function axis(values: readonly number[]): { at: (value: number) => number; ticks: number[] } {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const ticks = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { at: (value) => (Math.log10(value) - low) / (high - low), ticks };
}

/** A number as an axis has it. */
function label(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1000 ? `${value / 1000}k` : String(Number(value.toPrecision(1)));
}

function panel({ x, y, peer, points }: Growth): string[] {
  const curves = [1, 2].map((i) =>
    points.map((point) => [point[0], point[i]!] as const).filter(([, value]) => value !== null)
  ).filter((curve) => curve.length > 0);
  const [across, up] = [axis(points.map(([x]) => x)), axis(curves.flat().map(([, y]) => y))];
  const left = (value: number) => (LEFT + across.at(value) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const top = (value: number) =>
    (HEIGHT - BOTTOM - up.at(value) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const text = (at: string, words: string, more = "") => `<text ${at}${more}>${words}</text>`;
  const [middle, base] = [(LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM];
  return [
    ...across.ticks.flatMap((tick) => [
      `<path d="M${left(tick)} ${TOP}V${base}" stroke="${GRID}"/>`,
      text(`x="${left(tick)}" y="${base + 14}" text-anchor="middle"`, label(tick)),
    ]),
    ...up.ticks.flatMap((tick) => [
      `<path d="M${LEFT} ${top(tick)}H${WIDTH - RIGHT}" stroke="${GRID}"/>`,
      text(`x="${LEFT - 6}" y="${Number(top(tick)) + 4}" text-anchor="end"`, label(tick)),
    ]),
    text(`x="${middle}" y="${HEIGHT - 10}" text-anchor="middle"`, x),
    text(`x="12" y="${base - 20}" transform="rotate(-90 12 ${base - 20})"`, y),
    ...curves.flatMap((curve, i) => {
      const line = curve.map(([x, y]) => `${left(x)} ${top(y)}`);
      const [, last] = curve.at(-1)!;
      const words = i === 0 ? "parley" : peer!;
      return [
        `<path d="M${line.join("L")}" stroke="${COLOURS[i]}" stroke-width="2" fill="none"/>`,
        ...curve.map(([x, y]) =>
          `<circle cx="${left(x)}" cy="${top(y)}" r="3" fill="${COLOURS[i]}"/>`
        ),
        text(
          `x="${WIDTH - RIGHT}" y="${Number(top(last)) + (i === 0 ? -8 : 16)}" text-anchor="end"`,
          words,
          ` fill="${COLOURS[i]}"`,
        ),
      ];
    }),
  ];
}

/** Draws the curves, two a row. */
export function drawGrowth(curves: readonly Growth[]): string {
  const rows = Math.ceil(curves.length / 2);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${2 * WIDTH} ${
      rows * HEIGHT
    }" role="img"` +
    ` aria-label="${curves.map(({ x, y }) => `${y}, by ${x}`).join("; ")}"` +
    ` font-family="system-ui, sans-serif" font-size="11" fill="${INK}">`,
    `<rect width="100%" height="100%" fill="${PAPER}"/>`,
    ...curves.flatMap((curve, i) => [
      `<g transform="translate(${(i % 2) * WIDTH} ${Math.floor(i / 2) * HEIGHT})">`,
      ...panel(curve),
      "</g>",
    ]),
    "</svg>",
    "",
  ].join("\n");
}
