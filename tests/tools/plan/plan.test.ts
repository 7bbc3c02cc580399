import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import { parse, parseAllDocuments } from "yaml";

import { buildPlans } from "../../../tools/plan/build.js";
import type { Plan } from "../../../tools/plan/plan.js";
import { render } from "../../../tools/plan/text/render.js";
import { root } from "../../../tools/paths.js";
import { ToolError } from "../../../tools/command-line/errors.js";
import { override, readStack } from "../../../tools/plan/stack-config.js";
import { build, folders, plan, stacksWith } from "./run.js";

jest.setTimeout(120_000);

const changed = (text: string) => text.split("\n").filter((line) => /^ {4}[+-] /.test(line));

describe("the checked-in plans", () => {
  test("are up to date (npm run plan updates them)", async () => {
    expect(await plan(["--check"])).toEqual({ status: 0, out: "", err: "" });
  });

  test("differ in exactly two lines when the split changes", async () => {
    const stacks = stacksWith((dev) => `${dev}  oke-ambient-mesh:reviews: { v2Percent: 50 }\n`);
    const { status, out, err } = await plan(["--check"], { stacks });
    expect(status).toBe(3);
    expect(changed(out).map((line) => line.trim().replace(/ +/g, " "))).toEqual([
      "- weight: 90",
      "+ weight: 50",
      "- weight: 10",
      "+ weight: 50",
    ]);
    expect(out).toContain("~ reviews-split-virtualservice-reviews");
    expect(err).toContain("npm run plan -- --stack dev");
  });

  test("are up to date after an update", async () => {
    const stacks = stacksWith((dev) => dev.replace("count: 1", "count: 2"));
    const plans = mkdtempSync(join(tmpdir(), "plans-"));
    folders.push(plans);
    const requests = join(plans, "requests");
    const place = { stacks, plans, requests };
    expect((await plan([], place)).status).toBe(0);
    expect(readdirSync(plans).sort()).toEqual(["dev.svg", "dev.yaml", "requests"]);
    const withRequests = ["ambient", "bookinfo", "l4", "l7", "traffic"];
    expect(readdirSync(requests).sort()).toEqual(withRequests.map((stage) => `${stage}.svg`));
    expect((await plan(["--check"], place)).status).toBe(0);
    for (const name of ["requests/l4.svg", "dev.svg"]) {
      writeFileSync(join(plans, name), "<svg/>");
      const stale = await plan(["--check"], place);
      expect([stale.status, stale.out]).toEqual([3, ""]);
      expect(stale.err).toContain(`${name} is out of date`);
    }
  });
});

describe("the difference between two plans", () => {
  test("is empty without changes, with status 0", async () => {
    const { status, out } = await plan(["--stack", "dev", "--diff"]);
    expect([status, out]).toEqual([0, "Stack dev: no change\n"]);
  });

  test("has color on a terminal, with status 3", async () => {
    const { status, out } = await plan(
      ["--stack", "dev", "--diff", "--config", "reviews.v2Percent=50"],
      { color: true },
    );
    expect(status).toBe(3);
    expect(out).toContain("\u001b[31m-           weight: 90\u001b[39m");
    expect(out).toContain("\u001b[32m+           weight: 50\u001b[39m");
  });

  test("is a table by step and then lines for a pull request", async () => {
    const args = ["--stack", "dev", "--diff", "--markdown", "--config", "reviews.v2Percent=50"];
    const { status, out } = await plan(args);
    expect(status).toBe(3);
    expect(out).toContain("### Stack dev: 1 to update");
    expect(out).toContain("| 7 traffic |  | `reviews-split-virtualservice-reviews` |  |  |");
    expect(out).toMatch(/~~~~~diff\n[^~]*\n- {10}weight: 90\n\+ {10}weight: 50\n/);
  });

  test("between two stages is the step: for l4 its policy and the verification", async () => {
    const { out } = await plan(["--stack", "dev", "--stage", "l4", "--diff", "--from", "ambient"]);
    const headings = out.split("\n").filter((line) => /^[+~-] /.test(line));
    expect(headings.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "+ authorization",
      "+ authorization-authorizationpolicy-productpage-viewer",
      "~ verification-command",
      "~ stack",
    ]);
  });

  test("is shown once for stacks that would show the same", async () => {
    const { out } = await plan(["--stage", "l4", "--diff", "--from", "ambient"]);
    expect(out).toMatch(/^Stacks dev, local, ambient to l4: 2 to create, /);
    expect(out.match(/^Stack/gm)).toHaveLength(1);
    const split = await plan(["--config", "reviews.v2Percent=50", "--diff"]);
    expect(split.out).toMatch(/^Stacks dev, local: 1 to update\n/);
  });

  test("folds what the verification waits for and checks", async () => {
    const { out } = await plan(["--stack", "dev", "--stage", "l4", "--diff", "--from", "ambient"]);
    expect(out).toMatch(
      /^~ verification-command command:local:Command, step 5 l4 \(waits for the new state and checks it\)$/m,
    );
    expect(out).not.toContain("not shown");
    expect(out).not.toMatch(/ $/m);
  });

  test("shows everything as new from a revision without plans", async () => {
    const against = mkdtempSync(join(tmpdir(), "plans-"));
    folders.push(against);
    const { status, out } = await plan(["--stack", "dev", "--diff", "--against", against]);
    expect(status).toBe(3);
    expect(out).toMatch(/^Stack dev: \d+ to create\n/);
  });

  test("deletes the step's resources on the way back", async () => {
    const { out } = await plan(["--stack", "dev", "--stage", "ambient", "--diff", "--from", "l4"]);
    expect(out).toContain("- authorization-authorizationpolicy-productpage-viewer ");
  });
});

describe("the plan of dev", () => {
  let dev: Plan;
  let local: Plan;
  beforeAll(async () => {
    dev = (await build(readStack("dev"))).plan;
    local = (await build(readStack("local"))).plan;
  });

  test("names every object of every manifest, with every setting that adds some", async () => {
    const objects = readdirSync(join(root, "manifests"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".yaml"))
      .flatMap((file) => {
        const text = readFileSync(join(root, "manifests", file), "utf8");
        return parseAllDocuments(text).map((document) => document.toJS() as Planned);
      })
      .filter(Boolean);
    expect(objects.length).toBeGreaterThan(20);
    const everything = override(readStack("dev"), ["observability=true", "load=1"]);
    const { entries } = (await build(everything)).plan;
    const planned = entries.map(({ inputs }) => key(inputs as unknown as Planned));
    for (const object of objects) expect(planned).toContain(key(object));
  });

  test("has every Release with its chart, version and values", () => {
    const releases = dev.entries.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
    expect(releases.map(({ inputs }) => inputs["chart"]).sort()).toEqual([
      "base",
      "cni",
      "gateway",
      "istiod",
      "ztunnel",
    ]);
    for (const { inputs } of releases) {
      expect(inputs["version"]).toBe(dev.settings.mesh.version);
      expect(inputs["values"]).toBeDefined();
    }
  });

  test("is in dependency order", () => {
    for (const { entries } of [dev, local]) {
      const seen = new Set<string>();
      for (const { name, dependencies, parent, provider } of entries) {
        for (const before of [...dependencies, parent, provider]) {
          if (before !== undefined) expect(seen).toContain(before);
        }
        seen.add(name);
      }
    }
  });

  test("has placeholders for values from the cloud and for missing settings", () => {
    const text = render(dev);
    expect(text).toContain("vcnId: <network-vcn.id>");
    expect(text).toContain("compartmentId: <compartmentId>");
    expect(text).toContain("      <network.apiAllowedCidrs>");
    expect(text).toContain("productpageUrl: http://<ingress-load-balancer.address>/productpage");
    expect(text).not.toContain("<unknown>");
    expect(render(local)).toContain(
      "gatewayAddress: <node>:<ingress-load-balancer.nodePort.http2>",
    );
  });

  test("is YAML with one entry per resource", () => {
    const read = parse(render(dev)) as Record<string, unknown>;
    expect(Object.keys(read)).toEqual([...dev.entries.map(({ name }) => name), "stack outputs"]);
  });

  test("is byte for byte the same at another place and time", async () => {
    const before = { ...process.env };
    Object.assign(process.env, { HOME: "/nowhere", TZ: "Asia/Tokyo", OCI_CLI_REGION: "x" });
    try {
      expect(render((await buildPlans(readStack("dev"))).plan)).toBe(render(dev));
    } finally {
      process.env = before;
    }
  });

  test("of an existing cluster has no OCI resources", () => {
    expect(local.entries.filter(({ type }) => type.startsWith("oci:"))).toEqual([]);
    expect(local.entries.map(({ name }) => name)).toContain("reviews-split-virtualservice-reviews");
  });
});

interface Planned {
  kind: string;
  metadata?: { name: string };
}
const key = ({ kind, metadata }: Planned) => `${kind}/${metadata?.name}`;

test.each([["-h"], ["--help"]])("%s prints the usage", async (option) => {
  expect(await plan([option])).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^npm run plan /),
  });
});

describe("a mistake gets a message without a stack trace", () => {
  test.each([
    [
      ["--stack", "nowhere"],
      "Pulumi.nowhere.yaml does not exist. The stacks with a file are: dev, ",
    ],
    [["--stage", "l5"], "--stage l5: expected one of cluster, mesh"],
    [["--stack", "dev", "--config", "reviews"], "--config reviews: expected <path>=<value>"],
    [["--stack", "dev", "--config", "nodes..os=8"], '"nodes..os" is not a property path'],
    [
      ["--stack", "dev", "--config", "network.apiAllowedCidrs[2]=10.0.0.0/8"],
      "has 0 elements: expected an index up to 0",
    ],
    [["--stack", "dev", "--config", "nodes[0]=8"], "nodes is not a list"],
    [["--stack", "dev", "--config", "nodes.os.x=8"], "nodes.os is one value, without fields"],
    [["--from", "l4"], "--from requires --diff"],
    [["--diff", "--against", "/nowhere"], "--against /nowhere: there is no such folder"],
    [["--diff", "--against", "package.json"], "--against package.json: there is no such folder"],
    [["--diff", "--from", "l4", "--against", "plans"], "--from and --against cannot be combined."],
    [["--check", "--stage", "l4"], "would change, use --diff"],
    [["--chekc"], "Unknown option '--chekc'; did you mean --check?\n\nnpm run plan "],
    [["dev"], 'Unexpected argument "dev"; see --help.'],
  ])("%j", async (args, message) => {
    const failing = plan(args);
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toBeInstanceOf(ToolError);
  });

  test("in the configuration names its key", async () => {
    await expect(plan(["--stack", "dev", "--config", "reviews.v2Percent=101"])).rejects.toThrow(
      /reviews\.v2Percent = 101/,
    );
  });
});
