import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { root } from "../../../emulator/host/files.js";
import {
  bundle,
  compile,
  sourceFolders,
  writeShim,
} from "../../../emulator/plugin-discovery/stand-in.js";

describe.each(["oci", "command"] as const)("the stand-in for %s", (plugin) => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "stand-in-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("holds only sources whose change makes a new bundle", async () => {
    const { metafile } = await compile(plugin);
    const sources = Object.keys(metafile.inputs).map((file) => join(root, file));
    expect(sources.length).toBeGreaterThan(3);
    const elsewhere = sources.filter((file) => !sourceFolders.some((own) => file.startsWith(own)));
    expect(elsewhere).toEqual([]);
  });

  test("is compiled once, and runs from any folder", async () => {
    const file = await bundle(plugin);
    const { mtimeMs } = statSync(file);
    await writeShim(plugin, folder);
    const shim = join(folder, `pulumi-resource-${plugin}`);
    expect(readFileSync(shim, "utf8")).toContain(file);
    expect(statSync(await bundle(plugin)).mtimeMs).toBe(mtimeMs);
    const running = spawn(shim, ["127.0.0.1:1"], {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [port] = (await once(running.stdout, "data")) as [Buffer];
    expect(port.toString()).toMatch(/^\d+\n$/);
    running.stdin.end();
    expect(await once(running, "exit")).toEqual([0, null]);
  });
});
