import { writeFileSync, rmSync } from "node:fs";

import { expect, test } from "@jest/globals";

import { Progress } from "../../../tools/automation/progress.js";
import { stackFile } from "../../../tools/stacks/settings-file.js";
import { WalkedSandbox } from "../../../tools/walk/stack/walked-sandbox.js";

const display = { update: () => undefined, note: () => undefined, end: () => Promise.resolve() };
const missing = (name: string) => new WalkedSandbox(name, new Progress(display, [])).missing;

test("a walk asks before it creates a sandbox that was asked for by its name, and no other", () => {
  const name = `unit-walked-${process.pid}`;
  expect(missing(name)).toMatch(new RegExp(`^There is no sandbox "${name}"\\.`));
  expect(missing("sandbox")).toBeUndefined();
  writeFileSync(stackFile(name), "config: {}\n");
  expect(missing(name)).toBeUndefined();
  rmSync(stackFile(name));
});
