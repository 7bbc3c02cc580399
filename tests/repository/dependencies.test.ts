import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import semver from "semver";

import { kubernetesRange } from "../../components/mesh/compatibility.js";
import { readPins } from "../../emulator/toolchain/pins.js";
import { read, root } from "./pages.js";

interface Manager {
  description: string;
  managerFilePatterns: string[];
  matchStrings: string[];
}
interface Rule {
  groupName?: string;
  matchPackageNames: string[];
  allowedVersions?: string;
  prBodyNotes?: string[];
}
interface Renovate {
  constraints: { node: string };
  customManagers: Manager[];
  packageRules: Rule[];
}

const renovate = JSON.parse(read(".github/renovate.json")) as Renovate;
const { dependencies, devDependencies, engines, version } = JSON.parse(read("package.json")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  engines: { node: string };
  version: string;
};
const packages: Record<string, string> = { ...dependencies, ...devDependencies };

const files = ["", ".github", "components", "docs", "emulator", "tests", "tools"].flatMap(
  (folder) =>
    readdirSync(join(root, folder), { recursive: folder !== "", encoding: "utf8" }).map((file) =>
      join(folder, file),
    ),
);
const matching = ({ managerFilePatterns }: Manager) =>
  files.filter((file) =>
    managerFilePatterns.some((pattern) => new RegExp(pattern.slice(1, -1)).test(file)),
  );
/** The matches of a manager in a file, as `name version`. */
const found = ({ matchStrings }: Manager, file: string) =>
  matchStrings.flatMap((text) =>
    [...read(file).matchAll(new RegExp(text, "g"))].map(({ groups }) =>
      `${groups?.["depName"] ?? ""} ${groups?.["currentValue"]}`.trim(),
    ),
  );
/** Paths of files that a text names as code. */
const pathsIn = (text: string) =>
  [...text.matchAll(/`([\w.-]+[/.][\w./-]*)`/g)]
    .map(([, path = ""]) => path)
    // Settings and Go modules look similar; settings have no folder, and Go modules have a host.
    .filter((path) => existsSync(join(root, path)) || /^\.?[\w-]+\//.test(path));

describe("Renovate", () => {
  test.each(renovate.customManagers)("finds the versions: $description", (manager) => {
    const names = matching(manager);
    // Each pattern for one file names one that exists.
    const single = manager.managerFilePatterns.filter((pattern) => !pattern.includes("+"));
    expect(names.length).toBeGreaterThanOrEqual(single.length);
    const versions = names.map((file) => [file, found(manager, file)] as const);
    for (const pattern of single) {
      const file = versions.find(([name]) => new RegExp(pattern.slice(1, -1)).test(name));
      expect([pattern, file?.[1].length]).toEqual([pattern, expect.any(Number)]);
      expect(file?.[1]).not.toEqual([]);
    }
    // One version of each.
    const all = new Set(versions.flatMap(([, values]) => values));
    const each = new Set([...all].map((value) => value.split(" ").slice(0, -1).join(" ")));
    expect([...all]).toHaveLength(each.size);
  });

  test("names files that exist", () => {
    const notes = renovate.packageRules.flatMap(({ prBodyNotes = [] }) => prBodyNotes);
    const paths = notes.flatMap(pathsIn);
    expect(paths.length).toBeGreaterThan(10);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("names every file that CONTRIBUTING.md lists for a version's update", () => {
    const section = read("CONTRIBUTING.md").split("## Moving to newer versions")[1] ?? "";
    const rows = section.split("\n").filter((line) => line.startsWith("|"));
    const notes = renovate.packageRules.flatMap(({ prBodyNotes = [] }) => prBodyNotes).join("\n");
    const paths = rows.flatMap(pathsIn);
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !notes.includes(`\`${path}\``))).toEqual([]);
  });

  test("limits only installed packages, to ranges that include the installed version", () => {
    for (const { matchPackageNames, allowedVersions } of renovate.packageRules) {
      const [name = ""] = matchPackageNames;
      if (!allowedVersions || name === "kindest/node") continue;
      const installed = packages[name] ?? "none";
      expect([name, installed, semver.satisfies(installed, allowedVersions)]).toEqual([
        name,
        installed,
        true,
      ]);
    }
  });

  test("limits the kind cluster to the newest Kubernetes that Istio supports", () => {
    const rule = renovate.packageRules.find(
      ({ matchPackageNames, allowedVersions }) =>
        allowedVersions && matchPackageNames.includes("kindest/node"),
    );
    const [, istio = ""] = /version of Istio \(([\d.]+)\)/.exec(read("Pulumi.yaml")) ?? [];
    expect(rule?.allowedVersions).toBe(`<1.${(kubernetesRange(istio)?.last ?? 0) + 1}`);
  });
});

describe("agreement of versions", () => {
  const workflows = files.filter((file) => /^\.github\/workflows\/.+\.yml$/.test(file));

  test("package.json, Renovate, and every workflow have the same oldest Node", () => {
    const oldest = engines.node.replace(">=", "");
    expect(renovate.constraints.node).toBe(oldest);
    for (const file of workflows) {
      const own = [...read(file).matchAll(/node-version: "(.*)"/g)].map(([, node]) => node);
      expect([file, own.filter((node) => node !== oldest)]).toEqual([file, []]);
    }
    const { unit } = (
      parse(read(".github/workflows/ci.yml")) as {
        jobs: Record<string, { strategy: { matrix: { node: string[] } } }>;
      }
    ).jobs;
    expect(unit?.strategy.matrix.node[0]).toBe(oldest);
    for (const page of ["README.md", "CONTRIBUTING.md", "docs/platforms.md"]) {
      expect([page, read(page).includes(`Node ${oldest}`)]).toEqual([page, true]);
    }
  });

  test("go.mod and every workflow have the same Go", () => {
    const [, go] = /^go (\d+\.\d+)/m.exec(read("emulator/go/go.mod")) ?? [];
    for (const file of workflows) {
      const own = [...read(file).matchAll(/go-version: "(.*)"/g)].map(([, each]) => each);
      expect([file, own.filter((each) => each !== go)]).toEqual([file, []]);
    }
  });

  test("the workflow and the node's image have the same kind release", () => {
    const [, release = "none"] =
      /kind\/releases\/tag\/(v[\d.]+)/.exec(read("tests/kind/cluster.yaml")) ?? [];
    const runs = [...read(".github/workflows/kind.yml").matchAll(/kind@(v[\d.]+)/g)];
    expect([...new Set(runs.map(([, each]) => each))]).toEqual([release]);
  });

  test("Kubernetes' Go libraries have the same minor", () => {
    const pin = readPins(join(root, "emulator/go/go.mod"));
    const libraries = ["k8s.io/api", "k8s.io/apimachinery", "k8s.io/client-go"];
    expect(new Set(libraries.map(pin)).size).toBe(1);
    expect(semver.minor(pin("k8s.io/kubernetes"))).toBe(semver.minor(pin("k8s.io/api")));
  });

  test("the types of istiod's mesh configuration are those of the pinned Istio", () => {
    const pin = readPins(join(root, "emulator/go/go.mod"));
    expect(read("components/mesh/mesh-config/types.ts")).toContain(
      `Made from istio.io/api ${pin("istio.io/api")}:`,
    );
  });

  test("package.json and CONTRIBUTING.md have the same provider plugins", () => {
    const named = [
      ...read("CONTRIBUTING.md").matchAll(/^pulumi plugin install resource (\w+) (\S+)$/gm),
    ].map(([, name, plugin]) => [`@pulumi/${name}`, plugin]);
    expect(named).toHaveLength(3);
    expect(named).toEqual(named.map(([name = ""]) => [name, packages[name]]));
  });

  test("docs/platforms.md and package.json have the same older packages", () => {
    const rows = [...read("docs/platforms.md").matchAll(/^\| `([@\w/-]+)` +\| ([\d.]+) +\|/gm)].map(
      ([, name = "", at = ""]) => [name, at] as const,
    );
    expect(rows.length).toBeGreaterThan(5);
    for (const [name, at] of rows) {
      expect([name, `${packages[name]}.`.startsWith(`${at}.`)]).toEqual([name, true]);
    }
  });

  test("package.json and CHANGELOG.md have the same release", () => {
    const [, newest] = /^## \[(\d[^\]]*)\]/m.exec(read("CHANGELOG.md")) ?? [];
    expect(newest).toBe(version);
  });
});

test("the bug template requires the output of npm run doctor", () => {
  const { body } = parse(read(".github/ISSUE_TEMPLATE/bug.yml")) as {
    body: { attributes: { label?: string }; validations?: { required: boolean } }[];
  };
  const field = body.find(({ attributes }) => attributes.label === "npm run doctor -- --json");
  expect(field?.validations).toEqual({ required: true });
});
