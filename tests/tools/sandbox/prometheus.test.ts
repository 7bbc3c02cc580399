import { afterEach, expect, test } from "@jest/globals";
import { rmSync } from "node:fs";

import { setDefaults } from "../../../tools/sandbox/overrides.js";
import { parseOptions } from "../../../tools/sandbox/options.js";
import { prepareTools } from "../../../tools/sandbox/prepare.js";
import { runsPrometheus } from "../../../tools/sandbox/session.js";
import { SettingsFile, stackFile } from "../../../tools/stacks/settings-file.js";

const name = `unit-prometheus-${process.pid}`;
afterEach(() => rmSync(stackFile(name), { force: true }));

function save(observability: unknown): void {
  const settings = SettingsFile.read(name);
  setDefaults(settings);
  settings.set([["observability"], observability]);
  settings.save();
}
const options = (...argv: string[]) => {
  const parsed = parseOptions([...argv, "--name", name]);
  if (parsed === "help") throw new Error("no command");
  return parsed;
};
const on = ["--config", "observability=true"];
const off = ["--config", "observability=false"];

test.each([
  [undefined, ["up"], false],
  [undefined, ["up", ...on], true],
  [true, ["up"], true],
  ["true", ["up"], true],
  [true, ["up", ...off], false],
  // They change no setting, so a Prometheus that runs goes on.
  [true, ["preview", ...off], true],
  [true, ["refresh"], true],
  [undefined, ["preview", ...on], false],
  [true, ["destroy"], false],
])("with observability %j, %j needs Prometheus: %j", (saved, argv, expected) => {
  if (saved !== undefined) save(saved);
  expect(runsPrometheus(options(...argv))).toBe(expected);
});

test("a misspelled setting builds nothing", async () => {
  const misspelled = options("tools", "--config", "observabilty=true");
  await expect(prepareTools(misspelled, process.stderr)).rejects.toThrow("observability");
});
