import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";

import { Interrupts } from "../../../tools/automation/interrupts.js";

const engine = { busy: true, interrupt: jest.fn(), kill: jest.fn() };
const said: string[] = [];
let interrupts: Interrupts;

beforeEach(() => {
  jest.useFakeTimers();
  jest.resetAllMocks();
  said.length = 0;
  engine.busy = true;
  interrupts = new Interrupts((text) => said.push(text));
  interrupts.engine = engine;
});
afterEach(() => {
  interrupts.close();
  jest.useRealTimers();
});

describe("Ctrl-C", () => {
  test("once interrupts the engine and says what a second one does", () => {
    process.emit("SIGINT", "SIGINT");
    expect(engine.interrupt).toHaveBeenCalledTimes(1);
    expect(said).toEqual([
      "Stopping after the operations under way. Press Ctrl-C again to stop at once.",
    ]);
    expect(interrupts).toMatchObject({ status: 130, by: "Ctrl-C" });
    jest.runAllTimers();
    expect(engine.kill).not.toHaveBeenCalled();
  });

  test("twice interrupts the engine again, and kills it if that does not help", () => {
    process.emit("SIGINT", "SIGINT");
    process.emit("SIGINT", "SIGINT");
    expect(engine.interrupt).toHaveBeenCalledTimes(2);
    expect(engine.kill).not.toHaveBeenCalled();
    jest.advanceTimersByTime(5_000);
    expect(engine.kill).toHaveBeenCalledTimes(1);
  });

  test("a third time does not wait", async () => {
    for (let times = 0; times < 3; times++) process.emit("SIGINT", "SIGINT");
    await expect(interrupts.abandoned).rejects.toThrow();
    expect(engine.kill).toHaveBeenCalledTimes(1);
  });

  test("without a running engine does not wait", async () => {
    engine.busy = false;
    process.emit("SIGINT", "SIGINT");
    await expect(interrupts.abandoned).rejects.toThrow();
    expect(engine.interrupt).not.toHaveBeenCalled();
  });
});

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends in order too, with its own status", (signal, status) => {
  process.emit(signal, signal);
  expect(engine.interrupt).toHaveBeenCalledTimes(1);
  expect(interrupts).toMatchObject({ status, by: signal });
});
