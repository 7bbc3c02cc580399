import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

import type { PartName } from "../../../emulator/control-plane/parts.js";
import { Revival } from "../../../emulator/control-plane/revival.js";
import { forgetProcess, writeRecord } from "../../../emulator/processes/record.js";
import { startedAt } from "../../../emulator/processes/table.js";

let state: string;
let revival: Revival;
let started: PartName[];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "revival-"));
  started = [];
  record("oci-endpoint", true);
});
afterEach(async () => {
  await revival.stop();
  rmSync(state, { recursive: true });
});

/** A process of the sandbox, dead or alive. */
function record(name: string, lives: boolean): void {
  const started = lives ? (startedAt(process.pid) ?? "") : "long ago";
  writeRecord(state, { name, pid: process.pid, started, command: [], ports: [] });
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 500) throw new Error("It did not come to hold.");
    await sleep(10);
  }
}

test("what died is started again, also after it could not be at first, which is said once", async () => {
  const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  record("kwok", false);
  record("etcd", true);
  revival = new Revival(
    state,
    async (part) => {
      started.push(part);
      // As one that dies at once.
      forgetProcess(state, "kwok");
      if (started.length < 3) throw new Error("no space left on the disk");
      record("kwok", true);
    },
    5,
  );
  await until(() => started.length === 3);
  await sleep(50);
  expect(started).toEqual(["kwok", "kwok", "kwok"]);
  expect(said.mock.calls.filter(([text]) => /no space/.test(String(text)))).toHaveLength(1);
  said.mockRestore();
});

test("what is stopped stays away, dead record or none, until it is looked after again", async () => {
  record("kwok", true);
  revival = new Revival(state, async (part) => void started.push(part), 5);
  await sleep(30);
  await revival.hold("kwok");
  record("kwok", false);
  await sleep(30);
  forgetProcess(state, "kwok");
  await sleep(30);
  expect(started).toEqual([]);
  record("kwok", false);
  revival.release("kwok");
  await until(() => started.length > 0);
});

test("nothing is brought back into a folder that was removed", async () => {
  record("kwok", true);
  revival = new Revival(state, async (part) => void started.push(part), 5);
  await sleep(30);
  rmSync(join(state, "processes"), { recursive: true });
  await sleep(50);
  expect(started).toEqual([]);
});
