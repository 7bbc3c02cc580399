import { expect, test } from "@jest/globals";

import { UsageError } from "../../../tools/command-line/errors.js";
import { refuseSwallowed } from "../../../tools/command-line/npm.js";
import { runToEnd } from "../run-to-end.js";

const options = {
  name: { type: "string" },
  stage: { type: "string" },
  json: { type: "boolean" },
  yes: { type: "boolean" },
} as const;

/** What npm sets for a script of this repository, with the options that it kept. */
const env = (kept: Record<string, string>) => ({
  npm_lifecycle_event: "sandbox",
  npm_package_name: "oke-ambient-mesh",
  npm_config_loglevel: "silent",
  ...Object.fromEntries(Object.entries(kept).map(([key, value]) => [`npm_config_${key}`, value])),
});

test.each([
  [
    ["destroy"],
    { name: "demo" },
    'npm kept --name=demo for itself. Put "--" before the options: npm run -s sandbox -- destroy --name=demo',
  ],
  [
    ["up", "l4"],
    { stage: "true" },
    'npm kept --stage for itself. Put "--" before the options: npm run -s sandbox -- … --stage <value>',
  ],
  [
    ["status"],
    { json: "true" },
    'npm kept --json for itself. Put "--" before the options: npm run -s sandbox -- status --json',
  ],
])("an option that npm kept is refused: %j %j", (argv, kept, message) => {
  expect(() => refuseSwallowed(options, argv, env(kept))).toThrow(new UsageError(message));
});

test.each([
  ["options after --", env({})],
  ["a command that npm did not start", { npm_config_name: "demo" }],
  ["npm's own yes, which `npx -y` sets", env({ yes: "true" })],
  ["another project's script", { ...env({ name: "demo" }), npm_package_name: "other" }],
])("%s are accepted", (_, given) => {
  expect(() => refuseSwallowed(options, ["destroy"], given)).not.toThrow();
});

test("npm keeps an option without --, and the sandbox's command refuses to act on another sandbox", async () => {
  const argv = ["run", "-s", "sandbox", "status", "--name=unit-never-was"];
  expect(await runToEnd("npm", argv)).toEqual({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("npm kept --name=unit-never-was for itself."),
  });
});
