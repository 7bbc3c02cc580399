import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";

import { root } from "../../../tools/paths.js";

// The commands of the manifest's Pods, with a curl and a sleep that write down how they were called.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "load-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Workload {
  kind: string;
  metadata: { name: string };
  spec: { template: { spec: { containers: { command: string[]; env: Variable[] }[] } } };
}
interface Variable {
  name: string;
  value: string;
}

const file = join(root, "manifests", "load", "load.yaml");
const workloads = parseAllDocuments(readFileSync(file, "utf8")).map(
  (document) => document.toJS() as Workload,
);

/** The requests of a Deployment's Pod until its sleep has been called that often. */
async function requests(name: string, sleeps: number, own: Record<string, string> = {}) {
  const [container] =
    workloads.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name)?.spec
      .template.spec.containers ?? [];
  const [program = "", ...args] = container?.command ?? [];
  const log = join(folder, "requests");
  const count = join(folder, "sleeps");
  const script = (tool: string, text: string) => {
    writeFileSync(join(folder, tool), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, tool), 0o755);
  };
  script("curl", `echo "$*" >> ${log}`);
  script("sleep", `echo "$*" >> ${count}\n[ $(wc -l < ${count}) -lt ${sleeps} ] || kill $PPID`);
  const env = Object.fromEntries(container?.env.map((one) => [one.name, one.value]) ?? []);
  await new Promise((ended) =>
    execFile(program, args, { env: { ...env, ...own, PATH: `${folder}:/usr/bin:/bin` } }, ended),
  );
  // The last ones may still be starting.
  await new Promise((resolve) => setTimeout(resolve, 500));
  return {
    requests: readFileSync(log, "utf8").trim().split("\n"),
    sleeps: new Set(readFileSync(count, "utf8").trim().split("\n")),
  };
}

test("load sends RATE requests each second, each on a new connection, and a DELETE every ten seconds", async () => {
  const { requests: sent, sleeps } = await requests("load", 11, { RATE: "5" });
  expect([...sleeps]).toEqual(["1"]);
  const deletes = sent.filter((line) => line.includes("-X DELETE"));
  const gets = sent.filter((line) => !line.includes("-X DELETE"));
  const url = "http://istio-ingressgateway.istio-system/productpage";
  expect(deletes).toEqual(Array(2).fill(expect.stringMatching(new RegExp(`-X DELETE ${url}$`))));
  expect(gets).toHaveLength(11);
  for (const line of gets) {
    expect(line).toContain("-H Connection: close");
    // curl itself makes five requests of it.
    expect(line).toContain(`${url}?load=[1-5]`);
  }
});

test("load-notsleep asks productpage itself, every ten seconds", async () => {
  const { requests: sent, sleeps } = await requests("load-notsleep", 3);
  expect([...sleeps]).toEqual(["10"]);
  expect(sent).toEqual(Array(3).fill(expect.stringMatching(/ http:\/\/productpage:9080\/$/)));
});
