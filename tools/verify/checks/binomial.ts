/** How many requests distinguish one traffic split from another, and which counts are accepted. */
export interface Tolerance {
  /** Requests to send. */
  requests: number;
  /** Fewest and most answers, of these requests, from the version in question. */
  low: number;
  high: number;
}

/** P(X = 0), P(X = 1), …, P(X = n) of the binomial distribution B(n, p). */
export function distribution(n: number, p: number): number[] {
  const logFactorial = [0];
  for (let k = 1; k <= n; k++) logFactorial.push((logFactorial[k - 1] ?? 0) + Math.log(k));
  const term = (count: number, q: number) => (count === 0 ? 0 : count * Math.log(q));
  return Array.from({ length: n + 1 }, (_, k) => {
    const choose = (logFactorial[n] ?? 0) - (logFactorial[k] ?? 0) - (logFactorial[n - k] ?? 0);
    return Math.exp(choose + term(k, p) + term(n - k, 1 - p));
  });
}

/** The narrowest central range outside of which B(n, p) falls with at most `alpha` / 2 on each side. */
export function interval(n: number, p: number, alpha: number): { low: number; high: number } {
  const masses = distribution(n, p);
  let low = 0;
  for (let tail = masses[0] ?? 0; tail <= alpha / 2; tail += masses[low] ?? 0) low++;
  let high = n;
  for (let tail = masses[n] ?? 0; tail <= alpha / 2; tail += masses[high] ?? 0) high--;
  return { low, high };
}

/** P(low ≤ X ≤ high) for X of B(n, p). */
export function probabilityWithin(n: number, p: number, low: number, high: number): number {
  return distribution(n, p)
    .slice(low, high + 1)
    .reduce((sum, mass) => sum + mass, 0);
}

/**
 * The fewest requests (a multiple of ten) that distinguish the share `p` from shares `resolution` away: a correct split
 * is rejected with probability ≤ `alpha`, one that is `resolution` off (0.8/0.2 instead of 0.9/0.1) is accepted with
 * probability ≤ `beta`. Exact, without a normal approximation.
 */
export function tolerance(
  p: number,
  { resolution = 0.1, alpha = 0.001, beta = 0.001 } = {},
): Tolerance {
  const others = [Math.max(0, p - resolution), Math.min(1, p + resolution)].filter((q) => q !== p);
  for (let requests = 10; ; requests += 10) {
    const { low, high } = interval(requests, p, alpha);
    if (others.every((q) => probabilityWithin(requests, q, low, high) <= beta)) {
      return { requests, low, high };
    }
  }
}
