import { expect, test } from "@jest/globals";

import { Releases } from "../../../emulator/plugins/kubernetes/release.js";
import type { Properties } from "../../../emulator/plugins/values.js";

const releases = new Releases(undefined as never);
const of = (values: Properties): Properties => ({
  name: "r",
  namespace: "n",
  version: "1",
  values,
});

// A release's record may be another by now than the inputs made it: its state says so after a refresh.
test.each<[string, Properties, Properties, Properties, object]>([
  ["nothing", { a: 1 }, { a: 1 }, { a: 1 }, {}],
  ["a value that is another", { a: 1 }, { a: 2 }, { a: 1 }, { "values.a": "update" }],
  [
    "one within others",
    { a: { b: 1 } },
    { a: { b: 2 } },
    { a: { b: 1 } },
    { "values.a.b": "update" },
  ],
  ["a value that is new", { a: 1 }, { a: 1, b: 1 }, { a: 1 }, { "values.b": "add" }],
  [
    "one that is no longer wanted",
    { a: 1, b: 1 },
    { a: 1 },
    { a: 1, b: 1 },
    { "values.b": "delete" },
  ],
  ["what somebody else changed", { a: 1 }, { a: 1 }, { a: 9 }, { "values.a": "update" }],
  ["not what somebody else added", { a: 1 }, { a: 1 }, { a: 1, b: { c: 1 } }, {}],
])("a release's diff has %s", async (_, before, now, live, changes) => {
  const request = { oldInputs: of(before), news: of(now), oldState: of(live), ignoreChanges: [] };
  const { changes: found } = await releases.diff({ urn: "", type: "", id: "n/r", ...request });
  expect(found).toEqual(changes);
});

test("a release of another chart's version by somebody else is brought back", async () => {
  const inputs = of({});
  const oldState = { ...inputs, version: "2" };
  const request = { oldInputs: inputs, news: inputs, oldState, ignoreChanges: [] };
  const { changes } = await releases.diff({ urn: "", type: "", id: "n/r", ...request });
  expect(changes).toEqual({ version: "update" });
});
