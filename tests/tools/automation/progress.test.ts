import { expect, test } from "@jest/globals";

import { Progress } from "../../../tools/automation/progress.js";

/** The notes that a progress display shows for warnings of the engine. */
function notesOf(...messages: string[]): string[] {
  const notes: string[] = [];
  const display = {
    update: () => undefined,
    note: (text: string) => void notes.push(text),
    end: async () => undefined,
  };
  const progress = new Progress(display as never, []);
  for (const message of messages) {
    const diagnosticEvent = { message, severity: "warning", color: "never", prefix: "" };
    progress.event({ diagnosticEvent } as never);
  }
  return notes;
}

const older = (plugin: string) =>
  `resource plugin ${plugin} is expected to have version >=4.34.2, but has 4.25.0; ` +
  "the wrong version may be on your path, or this may be a bug in the plugin";

test("a plugin that is older than its SDK is reported once, in one sentence", () => {
  expect(notesOf(older("kubernetes"), "a webhook is slow", older("kubernetes"))).toEqual([
    "The kubernetes plugin is 4.25.0, older than its SDK (4.34.2). The engine uses it anyway.",
    "warning: a webhook is slow",
  ]);
});

test("a warning is reported once, also by the progress of a later step", () => {
  expect(notesOf("a quota is near", "a quota is near")).toEqual(["warning: a quota is near"]);
  expect(notesOf("a quota is near")).toEqual([]);
});
