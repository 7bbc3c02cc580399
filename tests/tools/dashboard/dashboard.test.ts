import { connect } from "node:net";
import { text } from "node:stream/consumers";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { browserCommand } from "../../../tools/dashboard/browser.js";
import { Forward } from "../../../tools/dashboard/forward.js";
import { parseOptions } from "../../../tools/dashboard/options.js";
import { pageOf, remedyOf } from "../../../tools/dashboard/pages.js";
import { show } from "../../../tools/dashboard/show.js";
import { SimulatedCluster, pod } from "./simulated-cluster.js";

test("Kiali of a sandbox is refused with what there is instead", async () => {
  const options = { page: "kiali", from: { sandbox: "two" }, port: 0 } as const;
  await expect(show(options)).rejects.toThrow(
    /serves no page there\.\nPrometheus, which it reads: npm run dashboard -- --name two --prometheus\n/,
  );
});

describe("the command line", () => {
  test.each([
    [[], { page: "kiali", from: {}, port: 0 }],
    [["--stack", "dev", "--prometheus"], { page: "prometheus", from: { stack: "dev" }, port: 0 }],
    [["--name", "two", "--page", "--port", "8080"], { page: "page", from: { sandbox: "two" }, port: 8080 }], // prettier-ignore
    [["--help"], "help"],
  ])("%j is understood", (argv, options) => {
    expect(parseOptions(argv)).toEqual(options);
  });

  test.each([
    [["--page", "--prometheus"], "--prometheus and --page cannot be combined"],
    [["--stack", "dev", "--sandbox"], "--stack and --sandbox cannot be combined"],
    [["--port", "http"], '--port "http" is not a port from 1 to 65535'],
    [["--port", "70000"], '--port "70000" is not a port'],
    [["--kiali"], "Unknown option '--kiali'"],
  ])("%j is refused", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

describe("a page", () => {
  test("of Kiali is the graph of the application's namespace", () => {
    expect(pageOf("kiali", "books")).toMatchObject({
      service: { namespace: "istio-system", name: "kiali", port: 20001 },
      path: "/kiali/console/graph/namespaces?namespaces=books&graphType=versionedApp&duration=300&refresh=15000",
    });
  });

  test("has a command that deploys it", () => {
    expect(remedyOf(pageOf("kiali", "default"), { stack: "dev" })).toBe(
      "pulumi config set observability true --stack dev && pulumi up --stack dev",
    );
    expect(remedyOf(pageOf("prometheus", "default"), { sandbox: "two" })).toBe(
      "npm run -s sandbox -- up --name two --config observability=true",
    );
    expect(remedyOf(pageOf("page", "default"), { sandbox: "sandbox" })).toBe(
      "npm run -s sandbox -- up --stage traffic",
    );
  });
});

describe("the port-forward", () => {
  let cluster: SimulatedCluster;
  let forward: Forward;
  let said: string[];

  beforeEach(async () => {
    said = [];
    cluster = await SimulatedCluster.listen();
    forward = new Forward(
      cluster.access,
      pageOf("kiali", "default").service,
      (line) => said.push(line),
      3_000,
    );
  });
  afterEach(async () => {
    forward.close();
    await cluster.close();
  });

  function ask(port: number): Promise<string> {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write("hello");
    return text(socket);
  }

  test("leads to a ready Pod of the Service, on the port that it names", async () => {
    cluster.pods = [pod("kiali-old", { phase: "Pending" }), pod("kiali-1")];
    const port = await forward.open(0);
    expect(await ask(port)).toBe("kiali-1: hello");
    expect(await ask(port)).toBe("kiali-1: hello");
    expect(cluster.forwarded).toEqual(["kiali-1:20001", "kiali-1:20001"]);
    expect(said).toEqual(["Connected to Pod istio-system/kiali-1."]);
  });

  test("leads to the next Pod when the first is gone, and waits for it", async () => {
    cluster.pods = [pod("kiali-1")];
    const port = await forward.open(0);
    await ask(port);
    cluster.pods = [];
    const asked = ask(port);
    setTimeout(() => (cluster.pods = [pod("kiali-2")]), 700);
    expect(await asked).toBe("kiali-2: hello");
    expect(said).toEqual([
      "Connected to Pod istio-system/kiali-1.",
      'Pod istio-system/kiali-1: pods "kiali-1" not found (HTTP 404)',
      "Service istio-system/kiali has no Pod.",
      "Connected to Pod istio-system/kiali-2.",
    ]);
  });

  test("reports a Pod that does not answer", async () => {
    cluster.pods = [pod("kiali-1")];
    cluster.problem = "connection refused";
    expect(await ask(await forward.open(0))).toBe("");
    expect(said).toContain("Pod istio-system/kiali-1: connection refused");
  });

  test.each([
    ["There is no Service istio-system/kiali.", () => (cluster.service = undefined)],
    ["Service istio-system/kiali has no Pod.", () => (cluster.pods = [])],
    [
      "Pod istio-system/kiali-1 is not ready: 0/1 nodes are available: 1 Insufficient cpu.",
      () => {
        const message = "0/1 nodes are available: 1 Insufficient cpu.";
        const conditions = [{ type: "PodScheduled", status: "False", message }];
        cluster.pods = [pod("kiali-1", { phase: "Pending", conditions })];
      },
    ],
    [
      "Pod istio-system/kiali-1 is not ready: ImagePullBackOff.",
      () => {
        const state = { waiting: { reason: "ImagePullBackOff" } };
        const containerStatuses = [{ name: "kiali", image: "", imageID: "", ready: false, restartCount: 0, state }]; // prettier-ignore
        cluster.pods = [pod("kiali-1", { containerStatuses })];
      },
    ],
  ])("does not open where there is no Pod: %s", async (message, change) => {
    change();
    await expect(forward.open(0)).rejects.toThrow(message);
  });

  test("does not open on a port that is taken", async () => {
    cluster.pods = [pod("kiali-1")];
    const taken = await forward.open(0);
    const second = new Forward(cluster.access, pageOf("kiali", "x").service, () => undefined);
    await expect(second.open(taken)).rejects.toThrow(
      `Port ${taken} cannot be used: it is taken. Use another one: --port N`,
    );
  });
});

describe("the browser", () => {
  const terminal = { isTTY: true };
  const display = { DISPLAY: ":0" };
  test.each([
    ["a desktop", terminal, display, "linux", ["xdg-open"]],
    ["a Mac", terminal, {}, "darwin", ["open"]],
    ["no display", terminal, {}, "linux", undefined],
    ["SSH", terminal, { ...display, SSH_CONNECTION: "1" }, "linux", undefined],
    ["CI", terminal, { ...display, CI: "true" }, "linux", undefined],
    ["a dumb terminal", terminal, { ...display, TERM: "dumb" }, "linux", undefined],
    ["a pipe", {}, display, "linux", undefined],
  ] as const)("on %s", (_, stream, env, platform, command) => {
    expect(browserCommand(stream, env, platform)).toEqual(command);
  });
});
