import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { KubeConfig, KubernetesObjectApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";

import { connectTo } from "../../../components/kubeconfig/connect.js";
import { ControlPlane } from "../../../emulator/control-plane/index.js";
import { cacheDir, root } from "../../../tools/paths.js";
import { allocatePorts } from "../../../emulator/processes/ports.js";
import { ensureTools } from "../../../emulator/toolchain/index.js";
import { kubernetesCluster } from "../../../tools/verify/cluster/kubernetes.js";
import type { TableRow } from "../../../tools/verify/report.js";
import { verify } from "../../../tools/verify/verify.js";
import type { ClusterUnderTest } from "../../../tools/verify/cluster/kubernetes.js";
import { newStateDir } from "../own-control-plane.js";

// A real API server and scheduler; KWOK answers exec by running the command here, where `curl` is a script
// that the test controls. So the probes take the same path as on a cluster.
jest.setTimeout(120_000);

const state = newStateDir("test-verify-exec-");
const play = join(state, "play");
const bin = join(state, "bin");
let controlPlane: ControlPlane;
const config = new KubeConfig();
let cluster: ClusterUnderTest;

const player = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in -X) method=$2; shift ;; -m | -w | -H) shift ;; http*) url=$1 ;; esac
  shift
done
case $url in
*/productpage\\?\\[1-*\\])
  # A range of pages, each followed by what -w asks for.
  left=\${url##*-} left=\${left%]}
  while [ "$left" -gt 0 ]; do
    (. "$PLAY/$CLIENT-GET-page")
    printf '\\035%s \\036' $?
    left=$((left - 1))
  done
  exit
  ;;
*istio-ingressgateway*) way=gateway ;;
*) way=direct ;;
esac
. "$PLAY/$CLIENT-\${method:-GET}-$way"
`;
const us = "printf '\\037'";
const page = `echo '<title>Simple Bookstore App</title>'; ${us}; printf 200`;
const denied = `printf 'RBAC: access denied'; ${us}; printf 403`;
const reset = `echo 'curl: (56) Recv failure: Connection reset by peer' >&2; ${us}; printf 000; exit 56`;

/** Sets the script that `curl` runs for a client's request. */
function plays(request: string, script: string): void {
  writeFileSync(join(play, request), `${script}\n`);
}

beforeAll(async () => {
  const tools = await ensureTools({ cacheDir });
  for (const folder of [play, bin, join(state, "control-plane", "kwok")]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(bin, "curl"), player, { mode: 0o755 });
  const envs = (client: string) => [
    { name: "PATH", value: `${bin}:/usr/local/bin:/usr/bin:/bin` },
    { name: "PLAY", value: play },
    { name: "CLIENT", value: client },
  ];
  const execs = ["sleep", "notsleep"].map((client) => ({
    containers: [client],
    local: { envs: envs(client) },
  }));
  const rule = {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "ClusterExec",
    metadata: { name: "play" },
    spec: { selector: { matchNamespaces: ["default"] }, execs },
  };
  writeFileSync(join(state, "control-plane", "kwok", "play.yaml"), JSON.stringify(rule));

  const ports = await allocatePorts(state);
  // KWOK itself answers exec here; in a sandbox the data plane does.
  controlPlane = new ControlPlane({
    stateDir: state,
    tools,
    ports: { ...ports, kubelet: ports.kwok },
  });
  const { kubeconfigPath } = await controlPlane.start({
    clusterId: "verify",
    kubernetesVersion: tools.versions["kubernetes"] ?? "",
    tokenReviewUrl: `http://127.0.0.1:${ports.oci}/tokenreview`,
  });
  await controlPlane.addNode({
    name: "worker",
    shape: "VM.Standard.E4.Flex",
    ocpus: 2,
    memoryGb: 16,
    kubeletVersion: tools.versions["kubernetes"] ?? "",
    osImage: "Oracle Linux Server 7.9",
  });
  config.loadFromFile(kubeconfigPath);
  cluster = kubernetesCluster(connectTo({ kubeconfig: kubeconfigPath }), "default");
  await applyClients();
});

afterAll(async () => {
  await controlPlane?.remove();
  await rm(state, { recursive: true, force: true });
});

beforeEach(() => {
  plays("sleep-GET-gateway", page);
  plays("sleep-GET-direct", page);
  plays("sleep-DELETE-gateway", denied);
  plays("notsleep-GET-direct", denied);
  plays("sleep-GET-page", `echo "<u>reviews-v1-abc</u>"`);
});

async function applyClients(): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const text = readFileSync(join(root, "manifests", "bookinfo", "clients.yaml"), "utf8");
  for (const document of parseAllDocuments(text)) await api.create(document.toJS());
  await until(() => expectReady());
}

async function expectReady(): Promise<boolean> {
  const pods = (await cluster.snapshot()).list("pods");
  return pods.filter(({ status }) => status?.phase === "Running").length === 2;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error("The condition did not hold within 30 s.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The rows of requests; this cluster has neither the mesh nor Bookinfo. */
async function requestRows(stage: "bookinfo" | "l4" | "l7" | "traffic", settleSeconds = 0) {
  const input = { target: "test", stage, namespace: "default", v2Percent: 10, workers: 1 };
  const { rows } = await verify(input, cluster, { settleSeconds });
  return Object.fromEntries(
    rows
      .filter(({ id }) => /-(get|delete|split)$/.test(id))
      .map(({ id, verdict, seen }) => [id, [verdict, seen]]),
  ) as Record<string, [TableRow["verdict"], string]>;
}

describe("requests by exec through a real API server", () => {
  test("are green for the expected answers", async () => {
    expect(await requestRows("l7")).toEqual({
      "sleep-gateway-get": ["green", "5 of 5"],
      "sleep-direct-get": ["green", "5 of 5"],
      "notsleep-direct-get": ["green", "5 of 5"],
      "sleep-gateway-delete": ["green", "5 of 5"],
    });
  });

  test("report a reset connection as curl's exit 56", async () => {
    plays("notsleep-GET-direct", reset);
    const rows = await requestRows("l4");
    expect(rows["notsleep-direct-get"]).toEqual(["green", "5 of 5"]);
  });

  test("are red for the page instead of a denial, and for a denial instead of the page", async () => {
    plays("notsleep-GET-direct", page);
    plays("sleep-GET-direct", denied);
    const rows = await requestRows("l7");
    expect(rows["notsleep-direct-get"]).toEqual(["red", "the page ×5"]);
    expect(rows["sleep-direct-get"]).toEqual(["red", "RBAC: access denied ×5"]);
    expect(rows["sleep-gateway-get"]?.[0]).toBe("green");
  });

  test("are green if the expected answer comes in time", async () => {
    const count = join(state, "count");
    writeFileSync(count, "");
    // Denies the first 12 requests.
    plays(
      "sleep-GET-direct",
      `echo x >> '${count}'; if [ "$(wc -l < '${count}')" -gt 12 ]; then ${page}; else ${denied}; fi`,
    );
    // From ambient on, the mesh's objects that this cluster lacks would end the waiting.
    const rows = await requestRows("bookinfo", 8);
    expect(rows["sleep-direct-get"]).toEqual(["green", "5 of 5"]);
  });

  test("are not checked if curl hangs longer than the exec's limit", async () => {
    plays("notsleep-GET-direct", "exec sleep 30");
    const began = Date.now();
    const rows = await requestRows("l4");
    expect(rows["notsleep-direct-get"]).toEqual([
      "not checked",
      expect.stringMatching(/^no output from Pod default\/notsleep-\S+ within 15 s$/),
    ]);
    expect(rows["sleep-direct-get"]?.[0]).toBe("green");
    expect(Date.now() - began).toBeLessThan(25_000);
  });

  test("count the split by pages", async () => {
    const count = join(state, "pages");
    writeFileSync(count, "");
    const every = (n: number, then: string) =>
      `echo x >> '${count}'; n=$(wc -l < '${count}'); if [ $((n % ${n})) -eq 0 ]; then ${then}; else echo reviews-v1-a; fi`;
    plays("sleep-GET-page", every(10, "echo reviews-v2-b"));
    expect((await requestRows("traffic"))["reviews-split"]?.[0]).toBe("green");
    plays("sleep-GET-page", every(5, "echo reviews-v2-b"));
    expect((await requestRows("traffic"))["reviews-split"]?.[0]).toBe("red");
    plays("sleep-GET-page", every(10, "echo unavailable"));
    expect((await requestRows("traffic"))["reviews-split"]).toEqual([
      "red",
      expect.stringMatching(/pages without reviews$/),
    ]);
  });
});

describe("requests by exec when something disappears", () => {
  test("are not checked only for a client without a Pod", async () => {
    await scale("notsleep", 0);
    const rows = await requestRows("l7");
    expect(rows["notsleep-direct-get"]).toEqual([
      "not checked",
      "no ready Pod app=notsleep in namespace default to send the request",
    ]);
    expect(rows["sleep-direct-get"]?.[0]).toBe("green");
    await scale("notsleep", 1);
  });

  test("are not checked if the Pod is deleted before the exec", async () => {
    const pod = { namespace: "default", pod: "sleep-gone", container: "sleep" };
    await expect(cluster.run(pod, ["true"], 5_000)).rejects.toThrow(
      'exec in Pod default/sleep-gone: pods "sleep-gone" not found (HTTP 404)',
    );
  });

  test("are not checked, and end soon, if the API server stops during an exec", async () => {
    plays("sleep-GET-gateway", "exec sleep 30");
    const rows = requestRows("l7");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await controlPlane.stopPart("apiserver");
    const [verdict, seen] = (await rows)["sleep-direct-get"] ?? [];
    expect([verdict, seen]).toEqual(["not checked", expect.stringMatching(/connection broke/)]);

    const away = await requestRows("l7");
    expect(away["sleep-direct-get"]).toEqual([
      "not checked",
      expect.stringMatching(/^the API server https:\S+ cannot be reached: .*ECONNREFUSED/),
    ]);
    await controlPlane.startPart("apiserver");
  });
});

async function scale(name: string, replicas: number): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  const metadata = { name, namespace: "default" };
  const patch = { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas } };
  await api.patch(
    patch,
    undefined,
    undefined,
    undefined,
    undefined,
    "application/merge-patch+json",
  );
  await until(async () => {
    const pods = (await cluster.snapshot()).list("pods");
    return pods.filter(({ metadata }) => metadata?.labels?.["app"] === name).length === replicas;
  });
}
