import { existsSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "@jest/globals";

import {
  arrow,
  fileCircles,
  folderCircles,
  importsIn,
  readImports,
  forbiddenImports,
} from "./imports.js";

/** Known violations of the rules below. This list must only shrink. */
const exceptions: string[] = [];

const root = join(import.meta.dirname, "..", "..");
const all = readImports(root);
const imports = all.filter((each) => !exceptions.includes(arrow(each)));

test("every relative import refers to a file", () => {
  expect(all.filter(({ to }) => !existsSync(join(root, to))).map(arrow)).toEqual([]);
});

test("the program imports neither emulator nor tools, the emulator neither program nor tools", () => {
  expect(forbiddenImports(imports)).toEqual([]);
});

test("no files import each other in a circle", () => {
  expect(fileCircles(imports)).toEqual([]);
});

test("no folders import each other in a circle", () => {
  expect(folderCircles(imports)).toEqual([]);
});

test("every exception is still needed", () => {
  expect(exceptions.filter((each) => !all.map(arrow).includes(each))).toEqual([]);
});

test("static, dynamic and type imports and re-exports all count", () => {
  const source = `
    import "./a.js";
    import { b } from "../b.js";
    import type { C } from "./c.js";
    export * from "./d.js";
    export type { E } from "./e.js";
    const f = await import("./f.js");
    type G = import("./g.js").G;
    // import "./not.js"
    import "yaml";
  `;
  const found = ["./a.js", "../b.js", "./c.js", "./d.js", "./e.js", "./f.js", "./g.js"];
  expect(importsIn(source)).toEqual(found);
});

test("a circle is found through a third file, and between a folder and its neighbor", () => {
  const link = (from: string, to: string) => ({ from, to });
  const through = [link("a/x.ts", "a/y.ts"), link("a/y.ts", "a/z.ts"), link("a/z.ts", "a/x.ts")];
  expect(fileCircles([...through, link("b.ts", "a/x.ts")])).toEqual([
    "a/x.ts -> a/y.ts\na/y.ts -> a/z.ts\na/z.ts -> a/x.ts",
  ]);
  const between = [link("a/b/x.ts", "a/c.ts"), link("a/c.ts", "a/b/y.ts")];
  expect(fileCircles(between)).toEqual([]);
  expect(folderCircles(between)).toEqual(["in a/:\na/b/x.ts -> a/c.ts\na/c.ts -> a/b/y.ts"]);
});

test("a forbidden import is distinguished from an allowed one", () => {
  const link = (from: string, to: string) => ({ from, to });
  const open = [link("tools/a.ts", "index.ts"), link("tools/a.ts", "emulator/b.ts")];
  const closed = [
    link("index.ts", "tools/a.ts"),
    link("components/a.ts", "emulator/b.ts"),
    link("emulator/a.ts", "index.ts"),
    link("emulator/a.ts", "components/b.ts"),
  ];
  expect(forbiddenImports([...open, ...closed])).toEqual(closed.map(arrow));
});
