import { describe, expect, test } from "@jest/globals";

import { criticalPath, type Span } from "../../tools/bench/critical-path.js";
import { parseOptions } from "../../tools/bench/options.js";
import { UsageError } from "../../tools/command-line/errors.js";

const spans = (entries: Record<string, [begin: number, end: number]>): Map<string, Span> =>
  new Map(Object.entries(entries).map(([urn, [begin, end]]) => [urn, { begin, end }]));

describe("the critical path", () => {
  const network = spans({
    vcn: [0, 10],
    subnet: [10, 15],
    cluster: [15, 100],
    policy: [12, 20],
    nodes: [104, 150],
    crds: [101, 120],
  });
  const edges: Record<string, string[]> = {
    subnet: ["vcn"],
    policy: ["vcn"],
    cluster: ["subnet", "policy"],
    nodes: ["cluster", "crds", "component"],
    crds: ["cluster"],
  };
  const waitsFor = (urn: string) => edges[urn] ?? [];

  test("leads back from the resource that ended last, through the latest predecessors", () => {
    const path = criticalPath(network, waitsFor).map(({ urn }) => urn);
    expect(path).toEqual(["vcn", "policy", "cluster", "crds", "nodes"]);
  });

  test("has the idle time before each resource", () => {
    const lone = spans({ first: [2, 10], second: [14, 20] });
    const path = criticalPath(lone, (urn) => (urn === "second" ? ["first"] : []));
    expect(path.map(({ idle }) => idle)).toEqual([2, 4]);
  });

  test("ends at a cycle, and is empty without resources", () => {
    const ring = spans({ a: [0, 5], b: [1, 5] });
    expect(criticalPath(ring, (urn) => (urn === "a" ? ["b"] : ["a"]))).toHaveLength(2);
    expect(criticalPath(new Map(), waitsFor)).toEqual([]);
  });
});

describe("the benchmark's command line", () => {
  test("has no options", () => {
    expect(parseOptions([])).toEqual({ name: "bench" });
    expect(parseOptions(["--name", "two"])).toEqual({ name: "two" });
    expect(parseOptions(["-h"])).toBe("help");
    expect(parseOptions(["--help"])).toBe("help");
  });

  test.each([
    [["--name", "../two"], '--name "../two" is not a valid name'],
    [["--nam", "two"], "Unknown option '--nam'; did you mean --name?"],
    [["now"], 'Unexpected argument "now"; see --help.'],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
