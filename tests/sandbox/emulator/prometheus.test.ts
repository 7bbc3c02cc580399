import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";

import { connectTo } from "../../../components/kubeconfig/connect.js";
import { DataPlane } from "../../../emulator/dataplane/index.js";
import { dataPlaneStatus } from "../../../emulator/dataplane/status.js";
import { pinnedPrometheus } from "../../../emulator/toolchain/prometheus.js";
import { Forward } from "../../../tools/dashboard/forward.js";
import { pageOf } from "../../../tools/dashboard/pages.js";
import { root } from "../../../tools/paths.js";
import { Access } from "../../../tools/verify/cluster/access.js";
import { OwnControlPlane, until, worker } from "../own-control-plane.js";

jest.setTimeout(180_000);

let own: OwnControlPlane;
let dataPlane: DataPlane;

const manifest = join(root, "manifests", "observability", "prometheus.yaml");
const service = "/api/v1/namespaces/istio-system/services/prometheus:9090/proxy/api/v1";

/** Asks Prometheus through the API server's proxy. */
async function ask<T>(path: string): Promise<T | undefined> {
  try {
    const { data } = JSON.parse(await own.kubectl("get", "--raw", `${service}/${path}`)) as {
      data: T;
    };
    return data;
  } catch {
    return undefined; // it starts or restarts
  }
}

/** What is up, by job. */
async function health(): Promise<Record<string, string>> {
  const found = await ask<{ activeTargets: { labels: { job: string }; health: string }[] }>(
    "targets",
  );
  return Object.fromEntries(
    found?.activeTargets.map(({ labels, health: is }) => [labels.job, is]) ?? [],
  );
}

const servers = () => dataPlaneStatus(own.stateDir).prometheus;
const podFolders = () => {
  const folder = join(own.stateDir, "dataplane", "prometheus");
  return existsSync(folder) ? readdirSync(folder) : [];
};

beforeAll(async () => {
  own = await OwnControlPlane.open({ prometheus: true });
  await own.plane.start(own.request());
  await own.plane.addNode(worker);
  dataPlane = new DataPlane(own);
  await dataPlane.start();
  await own.kubectl("apply", "--server-side", "-f", own.tools.gatewayApi);
  const webhook = (path: string) => `https://localhost:${own.ports.istiodWebhook}/${path}`;
  for (const name of ["base", "istiod"]) {
    const values = {
      profile: "ambient",
      "base.validationURL": webhook("validate"),
      ...(name === "istiod" && { "istiodRemote.injectionURL": webhook("inject") }),
    };
    const set = Object.entries(values).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    await own.helm("install", name, join(own.tools.charts, name), "--create-namespace", ...set);
  }
}, 1_200_000);
afterAll(async () => {
  await dataPlane?.stop();
  await own?.close();
});

/** Every test starts with the manifest as it is, and a Prometheus that has scraped istiod. */
beforeEach(async () => {
  await own.kubectl("apply", "--server-side", "--force-conflicts", "-f", manifest);
  await until(async () => (await health())["istiod"] === "up", 90);
});

describe("the sandbox's Prometheus", () => {
  test("accepts the manifest's configuration and scrapes the real istiod", async () => {
    const { yaml } = (await ask<{ yaml: string }>("status/config")) ?? { yaml: "" };
    for (const job of ["istiod", "ztunnel", "ingress-gateway", "waypoints"]) {
      expect(yaml).toContain(`job_name: ${job}`);
    }
    const build = await ask<{ version: string }>("status/buildinfo");
    expect(build?.version).toBe(pinnedPrometheus());
    expect(readFileSync(manifest, "utf8")).toContain(`prom/prometheus:v${pinnedPrometheus()}`);
    const query = encodeURIComponent('process_start_time_seconds{job="istiod"}');
    const found = await ask<{ result: { metric: Record<string, string> }[] }>(
      `query?query=${query}`,
    );
    expect(found?.result[0]?.metric).toMatchObject({ app: "istiod", namespace: "istio-system" });
  });

  test("is reached by the port-forward of `npm run dashboard`, and by `kubectl logs`", async () => {
    const kubeconfig = join(own.stateDir, "control-plane", "kubeconfig");
    const said: string[] = [];
    const forward = new Forward(
      new Access(connectTo({ kubeconfig })),
      pageOf("prometheus", "default").service,
      (line) => said.push(line),
    );
    try {
      const port = await forward.open(0);
      const answer = await fetch(`http://127.0.0.1:${port}/-/ready`);
      expect(await answer.text()).toBe("Prometheus Server is Ready.\n");
      expect(said).toEqual([`Connected to Pod ${servers()[0]?.pod}.`]);
    } finally {
      forward.close();
    }
    const logs = await own.kubectl("logs", "-n", "istio-system", "deploy/prometheus");
    expect(logs).toContain("Server is ready to receive web requests.");
  });

  test("reads a changed ConfigMap in its next Pod, and leaves nothing of the one before", async () => {
    const [before] = podFolders();
    const data = { "prometheus.yml": "scrape_configs: [{ job_name: another }]\n" };
    await own.kubectl(
      ...["patch", "configmap", "prometheus", "-n", "istio-system"],
      ...["--type=merge", "-p", JSON.stringify({ data })],
    );
    await own.kubectl("delete", "pod", "-n", "istio-system", "-l", "app=prometheus");
    await until(async () =>
      Boolean((await ask<{ yaml: string }>("status/config"))?.yaml.includes("another")),
    );
    await until(async () => podFolders().length === 1 && podFolders()[0] !== before);
    await own.kubectl("apply", "--server-side", "--force-conflicts", "-f", manifest);
    await own.kubectl("delete", "pod", "-n", "istio-system", "-l", "app=prometheus");
  });

  test("asks the API server as the Pod's service account", () => {
    const [pod = ""] = podFolders();
    const text = readFileSync(
      join(own.stateDir, "dataplane", "prometheus", pod, "kubeconfig"),
      "utf8",
    );
    const [, claims = ""] = (/token: (\S+)/.exec(text)?.[1] ?? "").split(".");
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      sub: "system:serviceaccount:istio-system:prometheus",
    });
  });

  test("says why it does not run with an invalid configuration, and runs with the next one", async () => {
    const data = { "prometheus.yml": "scrape_configs: [{ job_nam: misspelled }]\n" };
    await own.kubectl(
      ...["patch", "configmap", "prometheus", "-n", "istio-system"],
      ...["--type=merge", "-p", JSON.stringify({ data })],
    );
    await own.kubectl("delete", "pod", "-n", "istio-system", "-l", "app=prometheus");
    await until(async () => servers()[0]?.problem?.includes("job_nam") ?? false);
    await own.kubectl("apply", "--server-side", "--force-conflicts", "-f", manifest);
    await until(async () => (await health())["istiod"] === "up", 90);
    await until(async () => servers()[0]?.problem === undefined);
    expect(servers()[0]?.address).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("reports a missing ConfigMap, and ends with its Deployment", async () => {
    await own.kubectl("delete", "configmap", "prometheus", "-n", "istio-system");
    await own.kubectl("delete", "pod", "-n", "istio-system", "-l", "app=prometheus");
    const problem = "there is no ConfigMap istio-system/prometheus";
    await until(async () => servers()[0]?.problem === problem);
    await own.kubectl("delete", "deployment", "prometheus", "-n", "istio-system");
    await until(async () => servers().length === 0 && podFolders().length === 0);
  });
});
