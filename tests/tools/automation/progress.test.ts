import { expect, jest, test } from "@jest/globals";

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

/** The rows of a progress display, the latest state of each. */
function rowsOf(act: (progress: Progress) => void) {
  const rows = new Map<string, string>();
  const display = {
    update: ({ title, state, detail = "" }: Record<string, string>) =>
      void rows.set(title ?? "", `${state} ${detail}`),
    note: () => undefined,
    end: async () => undefined,
  };
  const progress = new Progress(display as never, []);
  act(progress);
  return { rows, progress };
}
const event = (kind: "resourcePreEvent" | "resOutputsEvent", name: string, op = "create") =>
  ({ [kind]: { metadata: { urn: `urn:pulumi:s::p::a:b:C::${name}`, op } } }) as never;

test("a component counts once, although it ends twice: when it is created and with its outputs", () => {
  const { rows, progress } = rowsOf(({ event: happens }) => {
    for (const name of ["network", "network", "network-vcn"]) {
      happens(event("resourcePreEvent", name));
      happens(event("resOutputsEvent", name));
    }
  });
  expect(rows.get("1 Cluster")).toBe("running 2 created");
  expect(progress.soFar).toBe("2 created");
});

test("a step is done when nothing of it runs for a moment, and runs again with the next resource", () => {
  jest.useFakeTimers();
  const { rows, progress } = rowsOf(({ event: happens }) => {
    happens(event("resourcePreEvent", "network-vcn"));
    happens(event("resOutputsEvent", "network-vcn"));
  });
  expect(rows.get("1 Cluster")).toBe("running 1 created");
  jest.advanceTimersByTime(3000);
  expect(rows.get("1 Cluster")).toBe("done 1 created");
  progress.event(event("resourcePreEvent", "nodes-pool"));
  expect(rows.get("1 Cluster")).toBe("running 1 created · nodes-pool");
  jest.useRealTimers();
});

test("a step that is not the engine's alone keeps what was reported of it", async () => {
  const { rows, progress } = rowsOf(({ event: happens }) => {
    happens(event("resOutputsEvent", "verification-command", "same"));
  });
  progress.report({ step: "Verification", detail: "checking" });
  expect(rows.get("Verification")).toBe("running checking");
  progress.done("Verification");
  await progress.end();
  expect(rows.get("Verification")).toBe("done ");
});
