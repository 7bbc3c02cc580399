import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { homeWithoutLogs } from "../../emulator/toolchain/pulumi-home.js";

describe("the Pulumi CLI's home of an emulator", () => {
  const before = process.env["PULUMI_HOME"];
  let folder: string;
  let own: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pulumi-home-"));
    own = join(folder, "own");
    process.env["PULUMI_HOME"] = join(folder, "person");
  });

  afterEach(() => {
    if (before === undefined) delete process.env["PULUMI_HOME"];
    else process.env["PULUMI_HOME"] = before;
    rmSync(folder, { recursive: true });
  });

  test("has no place for logs", () => {
    expect(homeWithoutLogs(own)).toEqual({ PULUMI_HOME: own });
    expect(() => mkdirSync(join(own, "logs"), { recursive: true })).toThrow("EEXIST");
  });

  test("has the plugins that the person installs, also later", () => {
    homeWithoutLogs(own);
    homeWithoutLogs(own);
    const plugin = join(folder, "person", "plugins", "resource-oci-v4.20.0");
    mkdirSync(plugin, { recursive: true });
    writeFileSync(join(plugin, "pulumi-resource-oci"), "");
    expect(readdirSync(join(own, "plugins"))).toEqual(["resource-oci-v4.20.0"]);
    expect(lstatSync(join(own, "plugins")).isSymbolicLink()).toBe(true);
  });
});
