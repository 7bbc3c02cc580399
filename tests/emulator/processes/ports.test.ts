import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "@jest/globals";

import { allocatePorts, firstPort, portNames } from "../../../emulator/processes/ports.js";

let all: string;
beforeEach(() => {
  all = mkdtempSync(join(tmpdir(), "ports-"));
});
afterEach(() => rmSync(all, { recursive: true }));

test("ports are chosen once and kept", async () => {
  const state = join(all, "one");
  const ports = await allocatePorts(state);
  expect(Object.keys(ports).sort()).toEqual([...portNames].sort());
  expect(new Set(Object.values(ports)).size).toBe(portNames.length);
  expect(await allocatePorts(state)).toEqual(ports);
  expect(JSON.parse(readFileSync(join(state, "ports.json"), "utf8"))).toEqual(ports);
});

test("a sibling does not take the ports of a stopped emulator", async () => {
  const one = await allocatePorts(join(all, "one"));
  // Then `one` starts its search at the same port again.
  rmSync(join(all, "one"), { recursive: true });
  mkdirSync(join(all, "two"));
  writeFileSync(join(all, "two", "ports.json"), JSON.stringify(one));
  const again = await allocatePorts(join(all, "one"));
  const both = [...Object.values(one), ...Object.values(again)];
  expect(new Set(both).size).toBe(2 * portNames.length);
});

test("two emulators that choose at the same moment share no port", async () => {
  // Two whose searches start next to each other.
  const states = Array.from({ length: 1_000 }, (_, i) => join(all, String(i)));
  const sorted = states.sort((a, b) => firstPort(a) - firstPort(b));
  const nextTo = (_: string, i: number) =>
    firstPort(sorted[i + 1] ?? "") - firstPort(sorted[i] ?? "") < portNames.length;
  const place = sorted.findIndex(nextTo);
  const both = await Promise.all(sorted.slice(place, place + 2).map(allocatePorts));
  const ports = both.flatMap((one) => Object.values(one));
  expect(new Set(ports).size).toBe(2 * portNames.length);
});

test("a port in use is not chosen", async () => {
  const wanted = (await allocatePorts(join(all, "one"))).oci;
  rmSync(join(all, "one"), { recursive: true });
  const server = createServer();
  await new Promise<void>((up) => server.listen(wanted, "127.0.0.1", up));
  expect(Object.values(await allocatePorts(join(all, "one")))).not.toContain(wanted);
  await new Promise((closed) => server.close(closed));
});

test("a new name gets a port, and the others keep theirs", async () => {
  const state = join(all, "one");
  const { kwok, ...older } = await allocatePorts(state);
  writeFileSync(join(state, "ports.json"), JSON.stringify(older));
  expect(await allocatePorts(state)).toMatchObject(older);
  expect((await allocatePorts(state)).kwok).toBeGreaterThan(0);
  expect(kwok).toBeGreaterThan(0);
});
