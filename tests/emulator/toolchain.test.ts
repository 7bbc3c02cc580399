import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";

import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";

import { cacheKey, cached } from "../../emulator/toolchain/cache.js";
import {
  clusterInputs,
  clusterModule,
  clusterVersions,
  programs,
} from "../../emulator/toolchain/cluster.js";
import { root } from "../../emulator/host/files.js";
import { failed } from "../../emulator/toolchain/go.js";
import {
  kubernetesPluginInputs,
  pinnedKubernetesPlugin,
  pluginModule,
} from "../../emulator/toolchain/kubernetes-plugin.js";
import { readPins } from "../../emulator/toolchain/pins.js";
import {
  builtPrometheus,
  pinnedPrometheus,
  prometheusInputs,
  prometheusModule,
} from "../../emulator/toolchain/prometheus.js";
import {
  findPulumi,
  isOlder,
  oldestPulumi,
  pinnedPulumi,
  sdkVersion,
} from "../../emulator/toolchain/pulumi.js";
import { Shares } from "../../emulator/toolchain/shares.js";

let folder: string;
const path = process.env["PATH"];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tools-"));
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true });
});

describe("the cache", () => {
  const touch = jest.fn(async (at: string) => writeFileSync(join(at, "binary"), "1"));
  beforeEach(() => {
    touch.mockClear();
  });

  test("has a key that depends only on the pins' content and the settings", () => {
    const pins = join(folder, "go.mod");
    const key = (settings: unknown) => cacheKey({ files: [pins], settings });
    writeFileSync(pins, "one");
    const before = key(["-s"]);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    writeFileSync(pins, "one");
    expect(key(["-s"])).toBe(before);
    expect(key(["-w"])).not.toBe(before);
    writeFileSync(pins, "two");
    expect(key(["-s"])).not.toBe(before);
  });

  test("keys the control plane by its sources and pins, not by the data plane's sources", () => {
    const files = clusterInputs().files.map((file) => file.split("/emulator/go/")[1]);
    expect(files).toEqual(
      expect.arrayContaining(["go.mod", "go.sum", "cmd/control-plane/main.go"]),
    );
    expect(files.filter((file) => file?.startsWith("cmd/dataplane"))).toEqual([]);
  });

  test("keys Prometheus by its pins and the file that is added to it", () => {
    const files = prometheusInputs().files.map((file) => relative(prometheusModule, file));
    expect(files).toEqual(["go.mod", "go.sum", "pod.go"]);
    expect(builtPrometheus(folder)).toBeUndefined();
    const built = join(folder, `prometheus-${cacheKey(prometheusInputs())}`, "bin", "prometheus");
    mkdirSync(join(built, ".."), { recursive: true });
    writeFileSync(built, "");
    expect(builtPrometheus(folder)).toBe(built);
  });

  test("keys the kubernetes plugin by its pins, its main package and the replacement of its SDK", () => {
    const files = kubernetesPluginInputs().files.map((file) => relative(pluginModule, file));
    expect(files).toEqual(
      expect.arrayContaining([
        "go.mod",
        "go.sum",
        "cmd/pulumi-resource-kubernetes/main.go",
        "kubernetes-sdk/go/kubernetes/yaml/v2/register.go",
      ]),
    );
  });

  test("reuses a finished build", async () => {
    const first = await cached(folder, "part-1", touch);
    expect(await cached(folder, "part-1", touch)).toBe(first);
    expect(touch).toHaveBeenCalledTimes(1);
    expect(readdirSync(folder)).toEqual(["part-1"]);
  });

  test("lets one of two processes build while the other waits and reports the builder", async () => {
    const waiting = jest.fn();
    const slow = async (at: string) => {
      await new Promise((later) => setTimeout(later, 100));
      await touch(at);
    };
    const both = [cached(folder, "part-1", slow), cached(folder, "part-1", slow, waiting)];
    await Promise.all(both);
    expect(touch).toHaveBeenCalledTimes(1);
    expect(waiting).toHaveBeenCalledTimes(1);
    expect(waiting).toHaveBeenCalledWith(expect.stringContaining(`process ${process.pid}`));
  });

  test("leaves nothing behind when a build fails, so that the next one can build", async () => {
    const fail = async (at: string) => {
      writeFileSync(join(at, "half"), "");
      throw new Error("no");
    };
    await expect(cached(folder, "part-1", fail)).rejects.toThrow("no");
    expect(readdirSync(folder)).toEqual([]);
    await cached(folder, "part-1", touch);
    expect(existsSync(join(folder, "part-1", "binary"))).toBe(true);
  });

  test("replaces the lock and the unfinished build of a dead process", async () => {
    const dead = spawn("true");
    await new Promise((ended) => dead.once("exit", ended));
    writeFileSync(join(folder, "part-1.lock"), JSON.stringify({ pid: dead.pid, started: "then" }));
    mkdirSync(join(folder, "part-1.unfinished"));
    writeFileSync(join(folder, "part-1.unfinished", "half"), "");
    expect(readdirSync(await cached(folder, "part-1", touch))).toEqual(["binary"]);
  });
});

describe("a failed build says what to do when", () => {
  const cases: [what: string, lines: string[], message: RegExp][] = [
    [
      "Go is too old",
      ["go: go.mod requires go >= 1.26.0 (running go 1.24.4; GOTOOLCHAIN=local)"],
      /^Go 1\.24\.4 is too old: 1\.26\.0 or newer is required\.\nInstall it from https:\/\/go\.dev\/dl/,
    ],
    [
      "the disk is full",
      ["k8s.io/api/core/v1", "write /home/a/.cache/go-build/ab: no space left on device"],
      /^The disk is full\.[\s\S]*Free some space/,
    ],
    [
      "the network is unreachable",
      [
        'go: istio.io/istio@v0.0.0: Get "https://goproxy.test/x": dial tcp: lookup goproxy.test: no such host',
      ],
      /^Go modules cannot be downloaded:\n {2}go: istio\.io[\s\S]*go env GOPROXY/,
    ],
    ["memory runs out", ["link: signal: killed"], /killed, most likely because memory ran out/],
    [
      "anything else fails",
      [
        "k8s.io/api/core/v1",
        "# main",
        "./main.go:3: undefined: x",
        "k8s.io/kubernetes/cmd/kubectl",
      ],
      /^`go build` failed in \/module:\n {2}# main\n {2}\.\/main\.go:3: undefined: x$/,
    ],
  ];
  test.each(cases)("%s", (_, lines, message) => {
    expect(failed(["build"], lines, "/module").message).toMatch(message);
  });
});

describe("the Pulumi CLI", () => {
  const install = (version: string, name = "bin") => {
    const bin = join(folder, name);
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "pulumi"), `#!/bin/sh\necho ${version}\necho >> ${folder}/asked\n`);
    chmodSync(join(bin, "pulumi"), 0o755);
    return bin;
  };
  const asked = () => existsSync(join(folder, "asked"));

  test("on PATH is used if it is new enough, and is run once for its version", () => {
    const bin = install("v3.300.1");
    process.env["PATH"] = [bin, path].join(delimiter);
    const expected = { path: join(bin, "pulumi"), version: "3.300.1" };
    expect(findPulumi(join(folder, "memory"))).toEqual(expected);
    rmSync(join(folder, "asked"));
    expect(findPulumi(join(folder, "memory"))).toEqual(expected);
    expect(asked()).toBe(false);
  });

  test("on PATH is not used if it is too old", () => {
    process.env["PATH"] = install("v3.100.0");
    expect(findPulumi(join(folder, "memory"))).toBeUndefined();
    process.env["PATH"] = join(folder, "empty");
    expect(findPulumi(join(folder, "memory"))).toBeUndefined();
  });

  test.each([
    ["3.242.9", true],
    ["3.243.0", false],
    ["3.243.0-alpha.1", false],
    ["3.1000.0", false],
    ["2.999.0", true],
    ["4.0.0", false],
  ])("%s is older than 3.243.0: %s", (version, older) => {
    expect(isOlder(version, "3.243.0")).toBe(older);
  });

  test("is new enough when it is built or installed", () => {
    expect(isOlder(pinnedPulumi(), oldestPulumi)).toBe(false);
    expect(isOlder(sdkVersion(), oldestPulumi)).toBe(false);
  });
});

test("the control plane's versions are the Go module's pins", () => {
  expect(clusterVersions()).toMatchObject({
    kubernetes: expect.stringMatching(/^v1\.36\.\d+$/),
    etcd: expect.stringMatching(/^v3\.6\./),
    gatewayApi: "v1.6.0",
  });
});

test("the control plane's executable acts as every program that is linked to it", () => {
  const main = readFileSync(join(clusterModule, "cmd", "control-plane", "main.go"), "utf8");
  const names = [...main.matchAll(/^\t"(.+)": +\w+,$/gm)].map(([, name]) => name);
  expect(names).toEqual(programs);
});

describe("the kubernetes plugin", () => {
  test("reports the version of the tag whose commit is pinned", () => {
    const goMod = readFileSync(join(pluginModule, "go.mod"), "utf8");
    expect(goMod).toContain(`// The commit of tag v${pinnedKubernetesPlugin()}.`);
  });

  test("is compiled with the Pulumi SDK that the release requires", () => {
    const pin = (file: string) =>
      readPins(join(pluginModule, file))("github.com/pulumi/pulumi/sdk/v3");
    expect(pin(join("kubernetes-sdk", "go.mod"))).toBe(pin("go.mod"));
  });
});

describe("Prometheus", () => {
  test("is the release of the manifest's image", () => {
    const manifest = join(root, "manifests", "observability", "prometheus.yaml");
    expect(readFileSync(manifest, "utf8")).toContain(`prom/prometheus:v${pinnedPrometheus()}`);
  });

  test("shares the compilation of its largest libraries with the control plane", () => {
    const pins = [prometheusModule, clusterModule].map((module) =>
      readPins(join(module, "go.mod")),
    );
    const libraries = ["k8s.io/client-go", "k8s.io/api", "google.golang.org/grpc"];
    for (const library of [...libraries, "google.golang.org/protobuf", "golang.org/x/net"]) {
      const [own, others] = pins.map((pin) => pin(library));
      expect([library, own]).toEqual([library, others]);
    }
  });
});

describe("progress", () => {
  test("is the weighted fraction of all work", () => {
    const report = jest.fn();
    const shares = new Shares(report);
    const [small, large] = [shares.share("small", 1), shares.share("large", 3)];
    small("compiling", 0.5);
    expect(report).toHaveBeenLastCalledWith({
      step: "Tools",
      detail: "small: compiling",
      fraction: 0.125,
    });
    large("linking", 1);
    expect(report).toHaveBeenLastCalledWith(expect.objectContaining({ fraction: 0.875 }));
    small("ready", 1);
    expect(report).toHaveBeenLastCalledWith({ step: "Tools", detail: "ready", fraction: 1 });
  });

  test("never decreases", () => {
    const report = jest.fn();
    const step = new Shares(report).share("part", 2);
    step("compiling", 0.6);
    step("waiting", 0.2);
    expect(report).toHaveBeenLastCalledWith(expect.objectContaining({ fraction: 0.6 }));
  });
});
