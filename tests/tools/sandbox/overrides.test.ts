import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { checkOverrides, applyOverrides, setDefaults } from "../../../tools/sandbox/overrides.js";
import { SettingsFile, stackFile } from "../../../tools/stacks/settings-file.js";
import { UsageError } from "../../../tools/command-line/errors.js";
import { ToolError } from "../../../tools/command-line/errors.js";
import { parseOptions } from "../../../tools/sandbox/options.js";
import { root, stateDir } from "../../../tools/paths.js";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "changes-"));
  file = join(folder, "Pulumi.sandbox.yaml");
});
afterEach(() => rmSync(folder, { recursive: true }));

const typed = (...config: string[]) => {
  const options = parseOptions(["up", ...config.map((pair) => `--config=${pair}`)]);
  if (options === "help") throw new Error("help");
  return options;
};
const check = (...config: string[]) => checkOverrides(SettingsFile.of(file), typed(...config));
/** The settings that a call leaves. */
function keep(...config: string[]): Record<string, unknown> {
  const settings = SettingsFile.of(file);
  applyOverrides(settings, typed(...config), setDefaults);
  settings.save();
  return SettingsFile.of(file).values;
}
const holds = (yaml: string) => writeFileSync(file, `config:\n  ${yaml}\n`);

describe("a command line's settings", () => {
  const wrong: [pair: string, says: string][] = [
    ["nodes.ocpu=4", "nodes.ocpu = 4: unknown key; did you mean nodes.ocpus?"],
    ["nodes.ocpus=many", 'nodes.ocpus = "many": expected a number of OCPUs, 1 or more'],
    ["nodes.ocpus=64", "nodes.memoryGb = 16: expected 64 to 1024"],
    ["stage=l5", 'stage = "l5": expected one of cluster, mesh'],
    [
      "network.apiAllowedCidrs[0]=",
      "network.apiAllowedCidrs is not set: expected the ranges that may reach",
    ],
    [
      "network.apiAllowedCidrs[5]=10.0.0.0/8",
      "network.apiAllowedCidrs[1] is not set: expected a range",
    ],
    [
      "stage.foo=1",
      "stage.foo cannot be set: in Pulumi.sandbox.yaml stage is one value, without fields.",
    ],
    [
      "network.apiAllowedCidrs.foo=1",
      "network.apiAllowedCidrs is a list, with elements such as network.apiAllowedCidrs[0].",
    ],
  ];
  test.each(wrong)("with %s are rejected as a usage error", (pair, says) => {
    expect(() => check(pair)).toThrow(UsageError);
    expect(() => check(pair)).toThrow(says);
    expect(existsSync(file)).toBe(false);
  });

  test("are rejected with all their problems, and with how to remove a setting", () => {
    const both = () => check("nodes.ocpu=4", "reviews.v2Percent=101", "nodes.count=2");
    expect(both).toThrow(/nodes\.ocpu = 4.*\n.*reviews\.v2Percent = 101.*\nNothing was changed/);
    expect(both).toThrow("`--config <key>=` removes a setting");
  });

  test("are accepted if valid, even over invalid settings", () => {
    expect(() => check("nodes.ocpus=4", "mesh.helmValues.istiod.pilot.x=1")).not.toThrow();
    holds("oke-ambient-mesh:nodes: { ocpus: many }");
    expect(() => check("nodes.ocpus=4")).not.toThrow();
    holds("oke-ambient-mesh:existing: { kubeconfig: { secure: djE6 } }");
    expect(() => check("nodes.ocpus=4")).not.toThrow();
  });

  test("are rejected for the same mistake in the file, but not for other mistakes there", () => {
    holds("oke-ambient-mesh:nodes: { ocpu: 4 }");
    expect(() => check("nodes.ocpu=4")).toThrow("did you mean nodes.ocpus?");
    expect(() => check("nodes.count=2")).not.toThrow();
  });

  test("may name a key in quotes", () => {
    const pair = 'mesh.helmValues.istiod.podAnnotations["prometheus.io/scrape"]=x';
    expect(keep(pair)).toMatchObject({
      mesh: { helmValues: { istiod: { podAnnotations: { "prometheus.io/scrape": "x" } } } },
    });
  });

  test("are removed by an empty value, which restores the sandbox's own", () => {
    holds("oke-ambient-mesh:nodes: { ocpu: 4, count: 2 }");
    const kept = keep("nodes.ocpu=", "compartmentId=x", "nodes.shape=");
    expect(kept).toMatchObject({ nodes: { count: 2 }, compartmentId: "x" });
    expect(kept["nodes"]).toEqual({ count: 2 });
    expect(keep("compartmentId=")["compartmentId"]).toMatch(/^ocid1\.compartment\./);
    expect(keep("reviews.v2Percent=30", "reviews.v2Percent=")["reviews"]).toBeUndefined();
  });

  test("of the sandbox that do not fit the file are reported as the file's error", () => {
    holds('oke-ambient-mesh:network: "{}"');
    expect(() => keep()).toThrow(ToolError);
    expect(() => keep()).toThrow("in Pulumi.sandbox.yaml network is one value, without fields");
  });
});

test("settings are found in any of the engine's spellings of a key, and in a file without a configuration", () => {
  holds("{ stage: l4, oke-ambient-mesh:config:verify: false, oci:region: fra }");
  const settings = SettingsFile.of(file);
  expect([settings.stage, settings.verifies]).toEqual(["l4", false]);
  settings.set([["stage"], "l7"]);
  expect(settings.values).toEqual({ stage: "l7", verify: false });
  expect(settings.toString()).not.toContain("oke-ambient-mesh:stage");
  for (const text of ["", "config:\n", "environment: [shared]\n"]) {
    writeFileSync(file, text);
    const empty = SettingsFile.of(file);
    empty.set([["stage"], "l4"]);
    expect(empty.values).toEqual({ stage: "l4" });
  }
});

test("values of a lost passphrase are removed and named, and all others stay", () => {
  writeFileSync(
    file,
    [
      "encryptionsalt: v1:salt",
      "config:",
      "  oke-ambient-mesh:stage: l4",
      "  oke-ambient-mesh:network: { apiAllowedCidrs: [{ secure: a }, 10.1.0.0/24, { secure: b }] }",
      "  oke-ambient-mesh:mesh: { helmValues: { istiod: { env: { TOKEN: { secure: c }, X: y } } } }",
      "  oci:region: { secure: d }",
    ].join("\n"),
  );
  const settings = SettingsFile.of(file);
  expect(settings.dropEncrypted().sort()).toEqual([
    "mesh.helmValues.istiod.env.TOKEN",
    "network.apiAllowedCidrs[0]",
    "network.apiAllowedCidrs[2]",
    "oci:region",
  ]);
  settings.save();
  expect(readFileSync(file, "utf8")).not.toMatch(/secure|salt/);
  expect(SettingsFile.of(file).values).toEqual({
    stage: "l4",
    network: { apiAllowedCidrs: ["10.1.0.0/24"] },
    mesh: { helmValues: { istiod: { env: { X: "y" } } } },
  });
});

test("a wrong key ends the command with status 2 before anything is started, built, or saved", async () => {
  const name = `wrong-key-${process.pid}`;
  const argv = ["--import", "tsx", "tools/sandbox/cli.ts", "up", "--name", name];
  // Without Go and in an empty cache a call that went on could do nothing either.
  const env = { PATH: folder, HOME: folder, XDG_CACHE_HOME: folder };
  const [code, printed] = await new Promise<[unknown, string]>((resolve) => {
    const call = [...argv, "--config", "nodes.ocpu=4"];
    execFile(process.execPath, call, { cwd: root, env }, (error, out, said) =>
      resolve([error?.code, out + said]),
    );
  });
  expect(printed).toMatch(
    /^Bringing up the sandbox "wrong-key-\d+" …\n\nerror: --config .*:\n {2}nodes\.ocpu = 4: unknown key; did you mean nodes\.ocpus\?\n.*\n$/,
  );
  expect(code).toBe(2);
  expect(existsSync(stateDir(name))).toBe(false);
  expect(existsSync(stackFile(name))).toBe(false);
});
