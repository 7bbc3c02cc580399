import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

import { Waiting } from "../../../tools/command-line/heartbeat.js";
import { Pty } from "../../pty.js";
import { simulatedPulumi } from "../simulated-pulumi.js";

const before = process.env;
beforeEach(() => {
  process.env = { ...before, TERM: "xterm", CI: "" };
});
afterEach(() => {
  process.env = before;
  jest.useRealTimers();
});

/** What is written on a stream of that kind while two are asked, for five and nine seconds. */
async function written(stream: object): Promise<string[]> {
  jest.useFakeTimers();
  const texts: string[] = [];
  const all = { ...stream, write: (text: string) => texts.push(text) };
  const waiting = new Waiting(all as unknown as NodeJS.WriteStream);
  const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const answers = [
    waiting.answer("OCI", after(5_000)),
    waiting.answer("Pulumi", after(9_000)),
    waiting.answer("OCI", after(2_000)),
  ];
  await jest.advanceTimersByTimeAsync(20_000);
  await Promise.all(answers);
  waiting.end();
  return texts;
}

test("a log gets a line every four seconds that names who is still asked", async () => {
  expect(await written({})).toEqual([
    "… 4 s, still asking OCI, Pulumi\n",
    "… 8 s, still asking Pulumi\n",
  ]);
});

test("a terminal gets one line that changes, and goes with the last answer", async () => {
  const texts = await written({ isTTY: true, columns: 80 });
  expect(texts).toHaveLength(9);
  expect(texts[0]).toBe("\r\u001b[K… 1 s, still asking OCI, Pulumi");
  expect(texts.at(-2)).toBe("\r\u001b[K… 8 s, still asking Pulumi");
  expect(texts.at(-1)).toBe("\r\u001b[K");
});

test.each([
  ["doctor", ["--stack", "nope"], "There is no stack nope,"],
  ["expire", [], "No stack of this project has resources."],
])(
  "%s shows whom it asks, and then its result alone",
  async (command, args, result) => {
    const words = [process.execPath, "--import", "tsx", `tools/${command}/cli.ts`, ...args];
    const PATH = simulatedPulumi(`
    "stack ls"*) sleep 2; echo '[]';;
    config*) sleep 2; echo "no stack named nope" >&2; exit 6;;`);
    const pty = new Pty(words.join(" "), { columns: 80, rows: 24 }, { PATH });
    await pty.shows(/^\S.* …\n… \d s, still asking Pulumi$/, 30);
    await pty.ended;
    expect(pty.terminal.screen[1]).toContain(result);
  },
  60_000,
);
