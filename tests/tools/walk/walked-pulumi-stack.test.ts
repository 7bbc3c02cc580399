import { afterEach, describe, expect, jest, test } from "@jest/globals";

import { engineMessage } from "../../../tools/automation/engine.js";
import { PlainUi } from "../../../tools/walk/screen/plain.js";
import { WalkedPulumiStack } from "../../../tools/walk/stack/walked-pulumi-stack.js";
import { Walk } from "../../../tools/walk/walk.js";
import { simulatedPulumi } from "../simulated-pulumi.js";

jest.setTimeout(60_000);

const opens = `"stack select"*|"stack ls"*|whoami*|config*) echo '{}';;\n"stack history"*) echo '[]';;`;
const ui = new PlainUi({ write: () => true } as unknown as NodeJS.WritableStream);
const path = process.env["PATH"];
afterEach(() => {
  process.env["PATH"] = path;
});

/** Why a walk on stack dev ended, where `pulumi` answers so. */
async function ended(cases: string): Promise<Error> {
  process.env["PATH"] = simulatedPulumi(cases);
  return new Walk({ auto: 0 }, new WalkedPulumiStack("dev"), ui).run().then(
    (said) => new Error(`It did not fail: ${said}`),
    (error: Error) => error,
  );
}

describe("a walk on a stack", () => {
  test("asks a person to log in", async () => {
    const needed = "PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions";
    const { name, message } = await ended(`*) echo "error: ${needed}" >&2; exit 3;;`);
    expect([name, message]).toEqual([
      "ToolError",
      expect.stringMatching(
        new RegExp(
          `^Stack dev cannot be opened: ${needed}\nLog in with \`pulumi login\`\\. .*PULUMI_CONFIG_PASSPHRASE_FILE`,
        ),
      ),
    ]);
  });

  test("reports the engine's message when the first preview fails, and that nothing was changed", async () => {
    const needed = "passphrase must be set with PULUMI_CONFIG_PASSPHRASE";
    const { name, message } = await ended(`${opens}\n*) echo "error: ${needed}" >&2; exit 1;;`);
    expect([name, message]).toEqual([
      "ToolError",
      `${needed}\n\nNothing was changed. Continue with: npm run walk -- --stack dev`,
    ]);
  });
});

describe("the engine's message", () => {
  test.each([
    [
      "code: 6\n stdout: \n stderr: error: no stack named 'dev' found\n\n",
      "no stack named 'dev' found",
    ],
    ["code: 1\n stdout: \n stderr: warning: old\nerror: broken\n", "warning: old\nbroken"],
    ["code: 1\n stdout: all it said\n stderr: \n", "all it said"],
    ["code: 255\n stdout: \n stderr: \n", "pulumi ended with exit status 255."],
    ["ended by SIGKILL\n stdout: 3 created\n stderr: \n", "pulumi was ended by SIGKILL."],
    ["ended by SIGKILL\n stdout: \n stderr: error: late\n", "pulumi was ended by SIGKILL.\nlate"],
    ["another error\n", "another error"],
  ])("of %j", (message, words) => expect(engineMessage(message)).toBe(words));
});
