import { describe, expect, test } from "@jest/globals";

import { compare, sections, summary } from "../../../../tools/plan/text/diff.js";
import { diffLines, excerpt } from "../../../../tools/plan/text/lines.js";
import { painter, showMarkdown, showText } from "../../../../tools/plan/text/show.js";

const text = (lines: ReturnType<typeof diffLines>) =>
  lines.map(({ sign, text }) => sign + text).join("|");

describe("lines", () => {
  test.each([
    ["", "", " "],
    ["a b c", "a b c", " a| b| c"],
    ["a b c", "a x c", " a|-b|+x| c"],
    ["a c", "a b c", " a|+b| c"],
    ["a b c", "b", "-a| b|-c"],
    ["a b", "c d", "-a|-b|+c|+d"],
  ])("%j to %j", (before, after, expected) => {
    expect(text(diffLines(before.split(" "), after.split(" ")))).toBe(expected);
  });

  test("restore the old text without additions and the new one without removals", () => {
    // A fixed series of pseudo-random numbers: a failure repeats itself.
    let seed = 7;
    const word = () => "abcd"[(seed = (seed * 1103515245 + 12345) % 2147483648) % 4] ?? "a";
    for (let round = 0; round < 200; round += 1) {
      const [before, after] = [round % 9, (round * 5) % 11].map((n) =>
        Array.from({ length: n }, word),
      );
      const lines = diffLines(before ?? [], after ?? []);
      const side = (sign: string) =>
        lines.filter((line) => line.sign !== sign).map((line) => line.text);
      expect(side("+")).toEqual(before);
      expect(side("-")).toEqual(after);
    }
  });

  test("have an excerpt that marks omitted lines", () => {
    const before = "a b c d e f g".split(" ");
    const lines = diffLines(
      before,
      before.map((line) => (line === "f" ? "x" : line)),
    );
    expect(text(excerpt(lines, 1))).toBe(" e|-f|+x| g");
    expect(text(excerpt(diffLines(before, ["x", ...before.slice(1)]), 1))).toBe("-a|+x| b| …");
  });
});

const one = `# a comment

app:
  type: t:App
  step: 3 bookinfo
  dependsOn:
  - first
  inputs:
    size: 1

gone:
  type: t:Gone
  step: 2 mesh

stack outputs:
  url: x
`;
const other = one
  .replace("size: 1", "size: 2")
  .replace("gone:\n  type: t:Gone\n  step: 2 mesh\n", "new:\n  type: t:New\n  step: 7 traffic\n");

describe("changes", () => {
  test("are found by resource in a plan's text", () => {
    expect([...sections(one).values()].map(({ name, type, step }) => [name, type, step])).toEqual([
      ["app", "t:App", "3 bookinfo"],
      ["gone", "t:Gone", "2 mesh"],
      ["stack outputs", "", ""],
    ]);
  });

  test("are updates, creations and deletions", () => {
    const changes = compare(one, other);
    expect(changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "update app",
      "create new",
      "delete gone",
    ]);
    expect(summary(changes)).toBe("1 to create, 1 to update, 1 to delete");
    expect(summary(compare(one, one))).toBe("no change");
  });

  test("of dependencies alone are not updates", () => {
    expect(compare(one, one.replace("- first", "- second"))[0]?.kind).toBe("wait");
  });

  test("of the step alone do not count", () => {
    expect(compare(one, one.replace("3 bookinfo", "4 ambient"))).toEqual([]);
  });

  test("of hidden values are reported", () => {
    const changes = compare(one, one, new Set(["app"]));
    expect(changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["update app"]);
    expect(showText("T", changes, painter(false))).toContain("values that are not shown");
  });

  test("from an empty plan are all creations", () => {
    expect(compare("", one).map(({ kind }) => kind)).toEqual(["create", "create", "create"]);
  });
});

test("Markdown fits into a comment", () => {
  const huge = `big:\n  type: t\n  inputs:\n${"    line: x\n".repeat(9000)}\nsmall:\n  type: t\n`;
  const markdown = showMarkdown("Stack dev", compare("", huge));
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toContain("and 2 more; `npm run plan -- --diff` shows them all.");
});
