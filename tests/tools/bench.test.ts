import { describe, expect, test } from "@jest/globals";

import { criticalPath, longestGaps, type Span } from "../../tools/bench/critical-path.js";
import { describe as text, type Findings, median, withRow } from "../../tools/bench/figures.js";
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

describe("the gaps on a critical path", () => {
  test("are the longest times before its resources, with what ran meanwhile", () => {
    const all = spans({ a: [0, 10], b: [14, 20], c: [31, 40], other: [5, 19], late: [21, 30] });
    const before: Record<string, string[]> = { b: ["a"], c: ["b"] };
    const path = criticalPath(all, (urn) => before[urn] ?? []);
    expect(longestGaps(path, all)).toEqual([
      { before: "c", length: 11, meanwhile: ["late"] },
      { before: "b", length: 4, meanwhile: ["other"] },
    ]);
    expect(longestGaps(path, all, 1)).toHaveLength(1);
  });
});

describe("the findings", () => {
  const urn = (name: string) => `urn:pulumi:dev::p::kubernetes:core/v1:ConfigMap::${name}`;
  const findings: Findings = {
    ...{ date: "2026-11-28T10:00:00.000Z", processors: 2, cloud: 0 },
    plugins: "oci, stand-in; kubernetes 4.25.0, real; command, stand-in",
    figures: [
      { what: "preview, no change", took: 9000, against: "9 ConfigMaps", floor: 6000, goal: 1.2 },
      { what: "first up", took: 11_000, against: "its critical path", floor: 10_000, goal: 1.15 },
    ],
    first: {
      ...{ total: 11_000, busy: 0.834 },
      path: [{ urn: urn("one"), begin: 1000, end: 11_000, idle: 1000 }],
      gaps: [{ before: urn("one"), length: 1000, meanwhile: [urn("two")] }],
    },
  };

  test("say of each figure whether its goal is met", () => {
    const lines = text(findings).split("\n");
    expect(lines[0]).toMatch(
      /^preview, no change +9\.0 s .* 6\.0 s   ratio 1\.50, goal 1\.2 missed$/,
    );
    expect(lines[1]).toMatch(/^first up .* ratio 1\.10, goal 1\.15 met$/);
    expect(lines).toContain("   1.0 s before one; meanwhile: two");
    expect(lines.at(-1)).toBe("The 2 processors were busy for 83 % of the first up.");
  });

  test("are a row of the table in docs/benchmarks.md, with aligned columns", async () => {
    const page = "| date | machine | plugins | OCI | preview | first up |\n|-|-|-|-|-|-|\n";
    const plugins = "oci, stand-in; kubernetes 4.25.0, real; command, stand-in";
    const [, line, row] = (await withRow(page, findings)).trimEnd().split("\n");
    expect(row?.split(/ *\| */)).toEqual([
      ...["", "2026-11-28", "2 processors, 83 % busy", plugins, "0"],
      ...["9.0 s ÷ 6.0 s = 1.50", "11.0 s ÷ 10.0 s = 1.10", ""],
    ]);
    expect(line).toHaveLength(row?.length ?? 0);
  });

  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])("take the median of %j", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe("the benchmark's command line", () => {
  test("has defaults for all options", () => {
    expect(parseOptions([])).toEqual({ name: "bench", cloud: 0, save: false, json: false });
    expect(parseOptions(["-h"])).toBe("help");
    expect(parseOptions(["--help"])).toBe("help");
  });

  test("takes a name, OCI's time, and where the results go", () => {
    expect(parseOptions(["--name", "two", "--cloud", "0.05", "--save", "--json"])).toEqual({
      ...{ name: "two", cloud: 0.05, save: true, json: true },
    });
  });

  test.each([
    [["--nam", "two"], "Unknown option '--nam'; did you mean --name?"],
    [["--cloud", "2"], '--cloud "2" is not a number from 0 to 1.'],
    [["--cloud", ""], '--cloud "" is not a number from 0 to 1.'],
    [["--name", "A B"], '--name "A B" is not a valid name'],
    [["now"], 'Unexpected argument "now"; see --help.'],
  ])("refuses %j", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});
