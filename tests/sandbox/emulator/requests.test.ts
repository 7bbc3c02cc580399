import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";

import { type DataPlaneStatus, dataPlaneStatus } from "../../../emulator/dataplane/status.js";
import { root, stateDir } from "../../../tools/paths.js";
import { TestSandbox, unverified } from "../harness.js";

const execute = promisify(execFile);

// The walk-through's commands, unchanged, at each of its stages.
jest.setTimeout(1_800_000);

const sandbox = new TestSandbox("test-requests", {}, unverified);
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  await sandbox.at("bookinfo");
  env = { ...process.env, ...(await sandbox.own()) };
});

afterAll(async () => {
  await sandbox.try("destroy");
});

interface Answer {
  exit: number;
  out: string;
}

/** Runs `kubectl exec deploy/<client> -- <command>`. */
async function exec(client: string, ...command: string[]): Promise<Answer> {
  const args = ["exec", `deploy/${client}`, "--", ...command];
  try {
    const { stdout } = await execute("kubectl", args, { env, maxBuffer: 64 << 20 });
    return { exit: 0, out: stdout };
  } catch (error) {
    const { code, stdout } = error as unknown as { code: number; stdout: string };
    return { exit: code, out: stdout };
  }
}

const direct = "http://productpage:9080/";
const page = "http://productpage:9080/productpage";
const gateway = "http://istio-ingressgateway.istio-system/productpage";
const title = { exit: 0, out: expect.stringContaining("<title>Simple Bookstore App</title>") };
// Bookinfo 1.20 has no title on its first page.
const greeting = { exit: 0, out: expect.stringContaining("simple bookstore application") };
const reset = { exit: 56, out: "" };
const denied = { exit: 0, out: "RBAC: access denied" };

/** Repeats the request until it has the expected result: istiod's configuration takes a moment to spread. */
async function settles(expected: unknown, client: string, ...curl: string[]): Promise<void> {
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await exec(client, "curl", "-s", ...curl);
    try {
      expect(answer).toEqual(expected);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function status(): DataPlaneStatus {
  return dataPlaneStatus(stateDir(sandbox.name));
}

async function baseline(): Promise<void> {
  await settles(title, "sleep", gateway);
  await settles(greeting, "sleep", direct);
  await settles(greeting, "notsleep", direct);
  await settles(title, "notsleep", page);
}

describe("the walk-through's requests", () => {
  test("step 3: both clients get the page, without the mesh", async () => {
    await sandbox.at("bookinfo");
    await baseline();
    expect(status().captured).toEqual([]);
  });

  test("step 4: both clients get the page in the mesh, and no Pod restarts", async () => {
    await sandbox.at("bookinfo");
    const before = await podUids();
    await sandbox.at("ambient");
    await baseline();
    expect(await podUids()).toEqual(before);
    expect(status().captured).toHaveLength(8);
  });

  test("step 5: notsleep's connection is reset", async () => {
    await sandbox.at("l4");
    await settles(reset, "notsleep", direct);
    await settles(greeting, "sleep", direct);
    await settles(title, "sleep", gateway);
  });

  test("step 6: notsleep is denied, and so is every method but GET", async () => {
    await sandbox.at("l7");
    await sixth();
  });

  test("step 7: reviews are split 90 to 10", async () => {
    await sandbox.run("up", "--stage", "traffic", "--config", "reviews.v2Percent=", ...unverified);
    await sixth();
    await splits(10);
  });

  test("other weights change the split without a restart", async () => {
    await sandbox.at("traffic");
    const { pid, proxies } = status();
    const envoys = await children(pid);
    await sandbox.run("up", "--config", "reviews.v2Percent=50");
    await splits(50);
    expect(status()).toMatchObject({ pid, proxies });
    expect(await children(pid)).toEqual(envoys);
    expect(envoys).toHaveLength(3);
    expect(proxies.flatMap(({ rejected }) => rejected ?? [])).toEqual([]);
  });

  test("the load balancer serves the page and its styles, and denies the login", async () => {
    await sandbox.at("traffic");
    const [web] = status().loadBalancers.filter(({ address }) => address.endsWith(":80"));
    const url = `http://${web?.listening}`;
    const get = async (path: string, init?: RequestInit) => {
      const answer = await fetch(url + path, { redirect: "manual", ...init });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    };
    expect((await get("/productpage")).text).toContain("The Comedy of Errors");
    expect(await get("/static/bookinfo.css")).toMatchObject({ status: 200 });
    expect(await get("/elsewhere")).toMatchObject({ status: 404 });
    const login = await get("/login", {
      method: "POST",
      body: new URLSearchParams({ username: "x" }),
    });
    // The policy admits only GET, so the walk-through's page can be read but not signed in to.
    expect(login).toMatchObject({ status: 403, text: "RBAC: access denied" });
  });

  test("the API server's proxy reaches a Service that no policy protects, and a gateway's counters", async () => {
    await sandbox.at("traffic");
    const raw = (path: string) => sandbox.kubectl("get", "--raw", `/api/v1/namespaces/${path}`);
    const book = await raw("default/services/details:9080/proxy/details/0");
    expect(JSON.parse(book)).toMatchObject({ author: "William Shakespeare" });
    // The API server has no identity in the mesh, and the L4 policy admits three.
    const denied = raw("default/services/productpage:9080/proxy/productpage");
    await expect(denied).rejects.toThrow("error trying to reach service");
    const pods = status().proxies.map(({ pod }) => pod.split("/")[1] ?? "");
    const gatewayPod = pods.find((pod) => pod.startsWith("istio-ingressgateway-"));
    const counters = await raw(`istio-system/pods/${gatewayPod}:15020/proxy/stats/prometheus`);
    expect(counters).toMatch(/^envoy_cluster_upstream_rq_total\{cluster_name="/m);
  });

  test("`npm run dashboard` shows the page through the gateway, until Ctrl-C", async () => {
    await sandbox.at("traffic");
    const cli = ["--import", "tsx", join(root, "tools", "dashboard", "cli.ts")];
    const options = ["--name", sandbox.name, "--page"];
    const dashboard = spawn("node", [...cli, ...options], { cwd: root, stdio: "pipe" });
    let said = "";
    dashboard.stdout.on("data", (text: Buffer) => (said += text.toString()));
    dashboard.stderr.on("data", (text: Buffer) => (said += text.toString()));
    const ended = once(dashboard, "exit");
    try {
      const end = Date.now() + 60_000;
      const url = () => /http:\S+/.exec(said)?.[0];
      while (!url() && dashboard.exitCode === null && Date.now() < end) await sleep(200);
      expect(said).toContain("The product page: http://127.0.0.1:");
      const answer = await fetch(url() ?? "");
      expect(await answer.text()).toContain("The Comedy of Errors");
      expect(said).toContain("Connected to Pod istio-system/istio-ingressgateway-");
    } finally {
      dashboard.kill("SIGINT");
    }
    expect(await ended).toEqual([0, null]);
  });

  test("the data plane and its Envoys restart after a kill", async () => {
    await sandbox.at("traffic");
    const { pid } = status();
    process.kill(pid as number, "SIGKILL");
    await settles(title, "sleep", gateway);
    await settles(denied, "notsleep", direct);
    expect(status().pid).not.toBe(pid);
    expect(await children(status().pid)).toHaveLength(3);
  });

  test("an earlier stage admits notsleep again", async () => {
    await sandbox.at("l7");
    await sandbox.at("ambient");
    await baseline();
    expect(status().proxies.map(({ pod }) => pod)).toEqual([
      expect.stringMatching(/^istio-system\/istio-ingressgateway-/),
    ]);
  });
});

async function sixth(): Promise<void> {
  await settles(denied, "notsleep", direct);
  await settles(denied, "sleep", "-X", "DELETE", gateway);
  await settles(greeting, "sleep", direct);
  await settles(title, "sleep", gateway);
}

/** Sends 1,000 requests, each on a new connection, and allows a deviation of five standard deviations. */
async function splits(percent: number): Promise<void> {
  // A page names the reviews' Pod with each review; the separator line counts pages.
  const curl = `curl -s -H 'Connection: close' -w '\n=\n' '${page}?[1-1000]'`;
  const { out } = await exec(
    "sleep",
    "sh",
    "-c",
    `${curl} | grep -o 'reviews-v[123]\\|^=$' | uniq`,
  );
  const lines = out.trim().split("\n");
  expect(lines.filter((line) => line === "=")).toHaveLength(1000);
  const share = (version: string) => lines.filter((line) => line === `reviews-${version}`).length;
  const tolerance = 5 * Math.sqrt(1000 * (percent / 100) * (1 - percent / 100));
  expect(share("v1") + share("v2")).toBe(1000);
  expect(Math.abs(share("v2") - 10 * percent)).toBeLessThan(tolerance);
}

async function podUids(): Promise<string[]> {
  const args = ["get", "pods", "-o", "jsonpath={.items[*].metadata.uid}"];
  return (await execute("kubectl", args, { env })).stdout.split(" ").sort();
}

async function children(pid: number | undefined): Promise<string[]> {
  const { stdout } = await execute("ps", ["-o", "pid=", "--ppid", String(pid)]);
  return stdout.trim().split(/\s+/).sort();
}
