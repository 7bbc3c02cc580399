import { describe, expect, test } from "@jest/globals";

import { UsageError } from "../../../tools/command-line/errors.js";
import { parseOptions } from "../../../tools/sandbox/options.js";
import { progressSteps, stepOf } from "../../../tools/automation/steps.js";
import { countResources } from "../../../tools/automation/operation.js";

describe("the sandbox's command line", () => {
  test("parses a command, a stage, and settings with the types that Pulumi stores", () => {
    const line = "up --stage l4 --config nodes.ocpus=4 --config nodes.os=7.9 --config verify=false";
    expect(parseOptions(line.split(" "))).toEqual({
      command: "up",
      name: "sandbox",
      json: false,
      stage: "l4",
      config: [
        ["nodes.ocpus", 4],
        ["nodes.os", "7.9"],
        ["verify", false],
      ],
    });
  });

  test("takes --refresh before an up and a preview", () => {
    expect(parseOptions(["up", "--refresh"])).toMatchObject({ command: "up", refresh: true });
    expect(parseOptions(["preview", "--refresh"])).toMatchObject({ refresh: true });
  });

  test("parses lists and maps as JSON", () => {
    expect(
      parseOptions(["preview", "--config", 'network.apiAllowedCidrs=["10.1.0.0/24"]']),
    ).toEqual(expect.objectContaining({ config: [["network.apiAllowedCidrs", ["10.1.0.0/24"]]] }));
  });

  test.each([
    [[], "No command given"],
    [["fly"], 'no command "fly". Use one of: up, preview'],
    [["staus"], 'no command "staus". Did you mean status? Use one of: up, preview'],
    [["up", "--stge", "l4"], "Unknown option '--stge'; did you mean --stage?\n\nUsage: "],
    [["up", "--stage", "ambiant"], 'no stage "ambiant". Did you mean ambient? Use one of: '],
    [["up", "now"], 'Unexpected argument "now" after up'],
    [["up", "--stage", "l5"], 'no stage "l5". Did you mean l4? Use one of: cluster, mesh'],
    [["up", "--name", "A b"], '"A b" is not a valid name'],
    [["up", "--name", "../x"], "is not a valid name"],
    [["up", "--config", "nodes.ocpus"], "expected <path>=<value>"],
    [["up", "--config", "=4"], "expected <path>=<value>"],
    [["up", "--config", "nodes={"], "is not valid JSON"],
    [["status", "--stage", "l4"], "--stage applies to up, preview, and refresh, not to status"],
    [["tools", "--stage", "l4"], "--stage applies to up, preview, and refresh, not to tools"],
    [["destroy", "--config", "a=1"], "up, preview, refresh, and tools, not to destroy"],
    [["up", "--fast"], "--fast"],
    [["destroy", "--refresh"], "--refresh applies to up and preview, not to destroy"],
  ])("refuses %j: %s", (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });
});

test("a resource belongs to the step of the longest top-level name that its own begins with", () => {
  const step = (name: string) => stepOf(`urn:pulumi:s::p::a:b:C::${name}`)?.title;
  expect(step("istio-base")).toBe(progressSteps[1]?.title);
  expect(step("nodes-pool")).toBe(progressSteps[0]?.title);
  expect(step("load-deployment-load")).toBe("Observability");
  expect(step("productpage-waypoint-gateway")).toBe("5 and 6 Authorization");
  expect(step("elsewhere")).toBeUndefined();
});

test("a replacement counts once", () => {
  const changes = { "create-replacement": 2, replace: 2, "delete-replaced": 2, same: 5 };
  expect(countResources(changes)).toEqual({ create: 0, update: 0, replace: 2, delete: 0, same: 5 });
});
