import { describe, expect, jest, test } from "@jest/globals";

import type { Interrupts } from "../../../tools/automation/interrupts.js";
import { Operations } from "../../../tools/walk/operations.js";
import type { Ui } from "../../../tools/walk/screen/ui.js";
import type { WalkedStack } from "../../../tools/walk/stack/walked-stack.js";

/** Operations on a stack whose previews end when a test says so. */
function operations() {
  const previews: { stage: string; end: (error?: Error) => void }[] = [];
  const interrupt = jest.fn(() => previews.at(-1)?.end(new Error("canceled")));
  const interrupts: { status?: number; engine: object } = {
    engine: { interrupt, kill: jest.fn() },
  };
  const walked = {
    preview: (stage: string) =>
      new Promise<void>((resolve, reject) => {
        previews.push({ stage, end: (error) => (error ? reject(error) : resolve()) });
      }),
    up: () => Promise.resolve({}),
  };
  const made = new Operations(
    walked as unknown as WalkedStack,
    { moved: () => undefined } as unknown as Ui,
    interrupts as unknown as Interrupts,
  );
  return { made, previews, interrupts, interrupt };
}

describe("the preview that runs ahead", () => {
  test("is the one that the next step shows", async () => {
    const { made, previews } = operations();
    made.lookAhead("l4");
    const shown = made.preview("l4");
    previews[0]?.end();
    await shown;
    await made.preview("l4");
    expect(previews.map(({ stage }) => stage)).toEqual(["l4"]);
    await made.up("l4", await made.preview("l4"));
    made.lookAhead("l4");
    expect(previews).toHaveLength(2);
  });

  test("is canceled by the preview of another stage", async () => {
    const { made, previews, interrupt } = operations();
    made.lookAhead("l7");
    const back = made.preview("ambient");
    await new Promise(setImmediate);
    expect(interrupt).toHaveBeenCalledTimes(1);
    expect(previews.map(({ stage }) => stage)).toEqual(["l7", "ambient"]);
    previews[1]?.end();
    await back;
    // The canceled one is made again.
    const again = made.preview("l7");
    await new Promise(setImmediate);
    previews[2]?.end();
    await again;
    expect(previews.map(({ stage }) => stage)).toEqual(["l7", "ambient", "l7"]);
  });

  test("still holds where another stage was looked at", async () => {
    const { made, previews } = operations();
    made.lookAhead("l7");
    previews[0]?.end();
    await new Promise(setImmediate);
    const back = made.preview("ambient");
    await new Promise(setImmediate);
    previews[1]?.end();
    await back;
    await made.preview("l7");
    expect(previews).toHaveLength(2);
  });

  test("fails only when it is asked for", async () => {
    const { made, previews } = operations();
    made.lookAhead("l7");
    previews[0]?.end(new Error("broken"));
    await new Promise(setImmediate);
    await expect(made.preview("l7")).rejects.toThrow("broken");
  });

  test("is canceled when the person leaves", async () => {
    const { made, interrupt } = operations();
    made.lookAhead("l7");
    await made.cancel();
    expect(interrupt).toHaveBeenCalledTimes(1);
    await made.cancel();
    expect(interrupt).toHaveBeenCalledTimes(1);
  });

  test("ends the walk when a signal has ended it", async () => {
    const { made, previews, interrupts } = operations();
    made.lookAhead("l7");
    interrupts.status = 130;
    previews[0]?.end(new Error("canceled"));
    await expect(made.stopped).rejects.toThrow("stopped");
  });
});
