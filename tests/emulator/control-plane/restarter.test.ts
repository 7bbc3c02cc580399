import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";

import type { PartName } from "../../../emulator/control-plane/parts.js";
import { Restarter } from "../../../emulator/control-plane/restarter.js";
import { forgetProcess, writeRecord } from "../../../emulator/processes/record.js";
import { startedAt } from "../../../emulator/processes/table.js";

let state: string;
let restarter: Restarter;
let started: PartName[];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), "restarter-"));
  started = [];
  record("oci-endpoint", true);
});
afterEach(async () => {
  await restarter.stop();
  rmSync(state, { recursive: true });
});

/** Records a process that runs or has ended. */
function record(name: string, isAlive: boolean): void {
  const started = isAlive ? (startedAt(process.pid) ?? "") : "long ago";
  writeRecord(state, { name, pid: process.pid, started, command: [], ports: [] });
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 500) throw new Error("The condition was not met in time.");
    await sleep(10);
  }
}

test("a process that ended is restarted, even if that fails at first, and the failure is logged once", async () => {
  const stderr = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  record("kwok", false);
  record("etcd", true);
  restarter = new Restarter(
    state,
    async (part) => {
      started.push(part);
      // Like a process that ends at once.
      forgetProcess(state, "kwok");
      if (started.length < 3) throw new Error("no space left on the disk");
      record("kwok", true);
    },
    5,
  );
  await until(() => started.length === 3);
  await sleep(50);
  expect(started).toEqual(["kwok", "kwok", "kwok"]);
  expect(stderr.mock.calls.filter(([text]) => /no space/.test(String(text)))).toHaveLength(1);
  stderr.mockRestore();
});

test("a held process stays stopped, with or without a record, until it is released", async () => {
  record("kwok", true);
  restarter = new Restarter(state, async (part) => void started.push(part), 5);
  await sleep(30);
  await restarter.hold("kwok");
  record("kwok", false);
  await sleep(30);
  forgetProcess(state, "kwok");
  await sleep(30);
  expect(started).toEqual([]);
  record("kwok", false);
  restarter.release("kwok");
  await until(() => started.length > 0);
});

test("nothing is started in a folder that was removed", async () => {
  record("kwok", true);
  restarter = new Restarter(state, async (part) => void started.push(part), 5);
  await sleep(30);
  rmSync(join(state, "processes"), { recursive: true });
  await sleep(50);
  expect(started).toEqual([]);
});
