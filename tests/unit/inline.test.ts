import { expect, test } from "@jest/globals";

import { inline } from "../../sandbox/inline.js";
import { isFromGoneEngine } from "../../sandbox/late-answers.js";

const failing = (error: unknown) => inline(() => Promise.reject(error as Error))();
const rpcError = (code: number) => Object.assign(new Error("the monitor is terminating"), { code });

test("an inline program's outputs are its own", async () => {
  expect(await inline(async () => ({ stage: "l7" }))()).toEqual({ stage: "l7" });
});

test.each([1, 14])(
  "what the SDK would take for a success has no code %i any more",
  async (code) => {
    const error = await failing(rpcError(code)).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      message: "The program did not come to its end: the monitor is terminating",
      cause: { code },
    });
    expect(error).not.toHaveProperty("code");
    expect(isFromGoneEngine(error)).toBe(true);
  },
);

test("any other failure stays as it is", async () => {
  const refusal = rpcError(7);
  await expect(failing(refusal)).rejects.toBe(refusal);
  expect([refusal, new Error("no"), undefined, "text"].map(isFromGoneEngine)).toEqual(
    Array(4).fill(false),
  );
});
