import { EventEmitter } from "node:events";
import type { ReadStream } from "node:tty";

import { expect, jest, test } from "@jest/globals";

import { Keys, keysIn, repeatMs } from "../../../tools/walk/screen/keys.js";

test.each([
  ["Enter, Space, and PageDown go on", "\r \u001b[6~", ["go", "go", "go"]],
  ["b goes a stage back, and so does a clicker's key for a blank screen", "b.", ["back", "back"]],
  ["r asks again, ? shows the keys, q leaves", "r?q", ["again", "keys", "quit"]],
  ["PageUp and e call the explanation back", "\u001b[5~e", ["up", "explain"]],
  ["a digit leads to a stage", "17", ["cluster", "traffic"]],
  ["Ctrl-C interrupts", "x\u0003", ["interrupt"]],
  ["other function keys and Alt are not letters", "\u001bOB\u001b[15~\u001b[1;5B\u001bq\u001b", []],
])("%s", (_, sent, keys) => expect(keysIn(sent)).toEqual(keys));

test("a key that bounces or is held down counts once, and a key that no one waits for not at all", async () => {
  jest.useFakeTimers();
  const terminal = Object.assign(new EventEmitter(), {
    setRawMode: () => terminal,
    setEncoding: () => terminal,
    resume: () => terminal,
    pause: () => terminal,
  });
  const keys = new Keys(terminal as unknown as ReadStream);
  const pressed: string[] = [];
  const wait = () => void keys.next().then((key) => pressed.push(key));
  const press = async (key: string) => {
    terminal.emit("data", key);
    await Promise.resolve();
  };
  await press("r");
  wait();
  await press("\u001b[6~");
  wait();
  await press("\u001b[6~");
  expect(pressed).toEqual(["go"]);
  await press("b");
  expect(pressed).toEqual(["go", "back"]);
  jest.advanceTimersByTime(repeatMs);
  wait();
  await press("b");
  expect(pressed).toEqual(["go", "back", "back"]);
  keys.close();
  jest.useRealTimers();
});
