import { describe, expect, test } from "@jest/globals";

import {
  distribution,
  interval,
  probabilityWithin,
  tolerance,
} from "../../../../tools/verify/checks/binomial.js";
import { expectedSplit, saySplit } from "../../../../tools/verify/checks/split.js";

describe("the binomial distribution", () => {
  test("of three throws of a coin", () => {
    const masses = distribution(3, 0.5);
    [0.125, 0.375, 0.375, 0.125].forEach((mass, k) => expect(masses[k]).toBeCloseTo(mass, 12));
  });

  test.each([0, 0.001, 0.1, 0.5, 0.999, 1])("with p = %d sums to 1 over 2,000 trials", (p) => {
    expect(distribution(2000, p).reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9);
  });

  test("P(X ≤ 5) of B(100, 0.1) is 0.0576, as in tables", () => {
    expect(probabilityWithin(100, 0.1, 0, 5)).toBeCloseTo(0.05758, 5);
  });
});

describe("the interval", () => {
  test.each([
    [100, 0.1],
    [520, 0.1],
    [1000, 0.5],
    [350, 0.05],
  ])("of B(%d, %d) excludes at most half of alpha on each side, and is the narrowest", (n, p) => {
    const alpha = 0.001;
    const { low, high } = interval(n, p, alpha);
    const below = probabilityWithin(n, p, 0, low - 1);
    const above = probabilityWithin(n, p, high + 1, n);
    expect(below).toBeLessThanOrEqual(alpha / 2);
    expect(above).toBeLessThanOrEqual(alpha / 2);
    expect(probabilityWithin(n, p, 0, low)).toBeGreaterThan(alpha / 2);
    expect(probabilityWithin(n, p, high, n)).toBeGreaterThan(alpha / 2);
  });

  test("of a certain outcome is that outcome alone", () => {
    expect(interval(70, 0, 0.001)).toEqual({ low: 0, high: 0 });
    expect(interval(70, 1, 0.001)).toEqual({ low: 70, high: 70 });
  });
});

describe("the number of requests", () => {
  test.each([0.1, 0.5, 0.05, 0.9, 0.01, 0, 1, 0.33])(
    "for a share of %d rejects it once in 1,000 times, and accepts one ten points off as rarely",
    (p) => {
      const { requests, low, high } = tolerance(p);
      expect(probabilityWithin(requests, p, low, high)).toBeGreaterThanOrEqual(0.999);
      for (const other of [p - 0.1, p + 0.1]) {
        if (other < 0 || other > 1) continue;
        expect(probabilityWithin(requests, other, low, high)).toBeLessThanOrEqual(0.001);
      }
    },
  );

  test("for 90 to 10 is a few hundred, and rejects 80 to 20", () => {
    const { requests, low, high } = tolerance(0.1);
    expect(requests).toBeGreaterThan(300);
    expect(requests).toBeLessThan(1000);
    expect(low / requests).toBeLessThan(0.1);
    expect(high / requests).toBeGreaterThan(0.1);
    expect(high / requests).toBeLessThan(0.2);
  });

  test("a small share is distinguished from none", () => {
    expect(tolerance(0.01).low).toBeGreaterThan(0);
  });
});

test("a split is said with a word for its range, and without one where chance has no part", () => {
  const { low, high } = expectedSplit(10);
  expect(saySplit(10, expectedSplit(10))).toBe(`10 % v2 (${low}–${high} by chance), no v3`);
  expect(saySplit(0, expectedSplit(0))).toBe("0 % v2 (0), no v3");
});
