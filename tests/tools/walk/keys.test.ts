import { expect, test } from "@jest/globals";

import { keysIn } from "../../../tools/walk/screen/keys.js";

test.each([
  ["Enter, Space, and PageDown go on", "\r \u001b[6~", ["go", "go", "go"]],
  ["b goes a stage back, and so does a clicker's key for a blank screen", "b.", ["back", "back"]],
  ["r asks again, ? shows the keys, q leaves", "r?q", ["again", "keys", "quit"]],
  ["PageUp and e call the explanation back", "\u001b[5~e", ["up", "explain"]],
  ["a digit leads to a stage", "17", ["cluster", "traffic"]],
  ["Ctrl-C interrupts", "x\u0003", ["interrupt"]],
  ["other function keys and Alt are not letters", "\u001bOB\u001b[15~\u001b[1;5B\u001bq\u001b", []],
])("%s", (_, sent, keys) => expect(keysIn(sent)).toEqual(keys));
