/**
 * Two short numbers under one equation: a lattice of two dimensions, which Lagrange reduced in 1773.
 *
 * @module
 */

type Vector = readonly [bigint, bigint];

/** The integer nearest to a / b. */
function nearest(a: bigint, b: bigint): bigint {
  if (b < 0n) [a, b] = [-a, -b];
  const doubled = 2n * a + b;
  const floor = doubled / (2n * b);
  return doubled < 0n && floor * 2n * b !== doubled ? floor - 1n : floor;
}

function dot([a, b]: Vector, [c, d]: Vector): bigint {
  return a * c + b * d;
}

function subtract([a, b]: Vector, times: bigint, [c, d]: Vector): Vector {
  return [a - times * c, b - times * d];
}

/** The two shortest vectors that span the same lattice (Lagrange and Gauss: Euclid's algorithm in two dimensions). */
function reduce(u: Vector, v: Vector): [Vector, Vector] {
  for (;;) {
    if (dot(u, u) > dot(v, v)) [u, v] = [v, u];
    const times = nearest(dot(u, v), dot(u, u));
    if (times === 0n) return [u, v];
    v = subtract(v, times, u);
  }
}

/**
 * The pair (i, j) with j = a i + b (mod q) that is short, if there is one: the lattice of all (i, a i mod q) has a
 * point near (0, -b), and rounding in a reduced basis finds it (Babai).
 */
export function shortPair(a: bigint, b: bigint, q: bigint): [i: bigint, j: bigint] {
  const [u, v] = reduce([1n, a], [0n, q]);
  const determinant = u[0] * v[1] - u[1] * v[0];
  const alongU = nearest(b * v[0], determinant);
  const alongV = nearest(-b * u[0], determinant);
  return [alongU * u[0] + alongV * v[0], alongU * u[1] + alongV * v[1] + b];
}
