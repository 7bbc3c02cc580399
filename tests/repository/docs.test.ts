import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "@jest/globals";

import { stages } from "../../components/settings/types.js";
import { commands } from "../../tools/sandbox/options.js";
import { brokenLink, linksOf, pages, pathsOf, read, root, scriptsOf } from "./pages.js";

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

describe.each(pages)("%s", (page) => {
  test("links to files and headings that exist", () => {
    expect(linksOf(page).flatMap((link) => brokenLink(page, link) ?? [])).toEqual([]);
  });

  test("names npm scripts that exist", () => {
    expect(scriptsOf(page).filter((script) => !(script in scripts))).toEqual([]);
  });

  test("names files and folders that exist", () => {
    expect(pathsOf(page).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("the README", () => {
  const readme = read("README.md");

  test("can be read in two minutes", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(140);
  });

  test("lists the stages in order", () => {
    const rows = [...readme.matchAll(/^\| (\d) +\| `(\w+)` /gm)].map(([, number, stage]) => [
      Number(number),
      stage,
    ]);
    expect(rows).toEqual(stages.map((stage, index) => [index + 1, stage]));
  });

  test("links to every page of the manual", () => {
    const manual = pages.filter((page) => page.startsWith("docs/"));
    const linked = linksOf("README.md").map((link) => link.split("#")[0]);
    expect(manual.filter((page) => !linked.includes(page))).toEqual([]);
  });
});

test("docs/sandbox.md lists every command of the sandbox", () => {
  const page = read("docs/sandbox.md");
  const listed = [...page.matchAll(/^\| `npm run -s sandbox -- (\w+)/gm)].map(
    ([, command]) => command,
  );
  expect([...new Set(listed)].sort()).toEqual([...commands].sort());
});

test("docs/requests.md shows every picture of a request", () => {
  const shown = [...read("docs/requests.md").matchAll(/!\[[^\]]*\]\(requests\/([^)]+)\)/g)];
  expect(shown.map(([, picture]) => picture).sort()).toEqual(
    readdirSync(join(root, "docs", "requests")).sort(),
  );
});

test.each([
  ["docs/troubleshooting.md", "pulumi up --refresh"],
  ["docs/sandbox.md", "`RBAC: access denied`, rightly, because the browser sends a POST"],
])("%s says: %s", (page, said) => {
  expect(read(page).replaceAll(/\s+/g, " ")).toContain(said);
});
