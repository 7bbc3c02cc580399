import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { log, RunError } from "@pulumi/pulumi";

import { inspect } from "../../../components/existing/inspect.js";
import { nothingPresent } from "../../../components/existing/present.js";
import { connectTo } from "../../../components/kubeconfig/connect.js";
import { isPath } from "../../../components/kubeconfig/unreadable.js";
import { parseSettings } from "../../../components/settings/settings.js";
import { existing, graphOf } from "../graph/graph.js";

const folder = mkdtempSync(join(tmpdir(), "access-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A kubeconfig as an object: JSON is YAML too. */
const config = (server: string) => ({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "one",
  clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
  users: [{ name: "u", user: { token: "s3cret" } }],
  contexts: [{ name: "one", context: { cluster: "c", user: "u" } }],
});

async function messageOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (RunError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("the provider of an existing cluster", () => {
  test("is pinned to the inspected context, even if none is configured", async () => {
    const open = await graphOf(existing({ existing: {} }));
    expect(open.get("kubernetes").inputs["context"]).toBe("kind-kind");
  });

  test("comes with the warnings about the cluster, and not at all where it does not fit", async () => {
    const warn = jest.spyOn(log, "warn").mockResolvedValue(undefined);
    try {
      const graph = await graphOf(existing({}), { kubernetesVersion: "v1.34.2+k3s1" });
      expect(graph.get("kubernetes")).toBeDefined();
      expect(warn.mock.calls).toEqual([[expect.stringMatching(/mesh\.platform k3s$/)]]);
      warn.mockClear();
      const present = { ...nothingPresent, unlisted: ["nodes", "networkpolicies"] };
      await graphOf(existing({}), { present });
      expect(warn.mock.calls).toEqual([
        [
          "Not all of the cluster was checked: this identity lacks permission to list nodes, networkpolicies.",
        ],
      ]);
    } finally {
      warn.mockRestore();
    }
    const old = { kubernetesVersion: "v1.20.0" };
    await expect(graphOf(existing({}), old)).rejects.toThrow(/cluster kind-kind does not fit:/);
  });

  test("uses the configured context", async () => {
    const named = await graphOf(existing({ existing: { context: "other" } }));
    expect(named.get("kubernetes").inputs["context"]).toBe("other");
  });
});

describe("a kubeconfig's text", () => {
  const text = JSON.stringify(config("https://127.0.0.1:1"));

  test.each([
    ["on one line", text],
    ["on several lines", JSON.stringify(config("https://127.0.0.1:1"), null, 2)],
    ["as YAML that begins with its version", "apiVersion: v1"],
  ])("is recognized: %s", (_, value) => {
    expect(isPath(value)).toBe(false);
  });

  test.each(["~/.kube/config", "kubeconfig", "C:\\kube\\config", "/etc/kube/config\n"])(
    "is not what %j is",
    (value) => {
      expect(isPath(value)).toBe(true);
    },
  );

  test("is parsed from one line", () => {
    expect(connectTo({ kubeconfig: text }).context).toBe("one");
  });

  test("is a secret even on one line", async () => {
    const graph = await graphOf(existing({ existing: { kubeconfig: text } }));
    expect(JSON.stringify(graph.get("kubernetes").inputs)).not.toContain("s3cret");
  });

  test.each([
    ["a truncated text", text.slice(0, -5)],
    ["of entries without a name", '{"users": [{"user": {"token": "s3cret"}}]}'],
    ["with an error beside a token", "apiVersion: v1\nusers: [{token: s3cret]"],
    ["a text in base64", Buffer.from("s3cret".repeat(50)).toString("base64")],
  ])("is refused without repeating it: %s", async (_, kubeconfig) => {
    const message = await messageOf(() => connectTo({ kubeconfig }));
    expect(message).toMatch(/No kubeconfig: .*existing\.kubeconfig/s);
    expect(message).not.toContain("s3cret");
    expect(message).not.toContain(kubeconfig);
  });

  test("in an invalid file is refused with file and position", async () => {
    const path = join(folder, "broken");
    writeFileSync(path, "users: [");
    expect(await messageOf(() => connectTo({ kubeconfig: path }))).toContain(
      `${path} is not a valid kubeconfig: invalid YAML at line 1, column 9`,
    );
  });
});

describe("an identity that is not cluster-admin", () => {
  let server: Server;
  let forbidden: (resource: string, verb: string) => boolean;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += String(part)));
      request.on("end", () => {
        asked.push(`${request.method} ${request.url}`);
        const review = request.url?.includes("selfsubjectaccessreviews");
        const { verb, resource } = review
          ? (JSON.parse(body) as Review).spec.resourceAttributes
          : { verb: "", resource: "" };
        response.writeHead(review ? 201 : 403, { "content-type": "application/json" });
        response.end(JSON.stringify({ status: { allowed: !forbidden(resource, verb) } }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  const look = () => {
    const { port } = server.address() as AddressInfo;
    const kubeconfig = JSON.stringify(config(`http://127.0.0.1:${port}`));
    return inspect(parseSettings({ cluster: "existing", existing: { kubeconfig } }));
  };

  test("gets the missing permissions, and sends no other requests", async () => {
    forbidden = (resource, verb) => verb === "list" || resource === "daemonsets";
    asked.length = 0;
    const message = await messageOf(look);
    expect(message).toMatch(
      /context one this identity lacks permission to list namespaces, to list configmaps/,
    );
    expect(message).toContain("to create daemonsets.apps in istio-system");
    expect(message).toMatch(/Next: kubectl create clusterrolebinding .*cluster-admin/);
    expect(asked.every((request) => request.includes("selfsubjectaccessreviews"))).toBe(true);
  });

  test("gets the status and the next command if it is refused anyway", async () => {
    forbidden = () => false;
    expect(await messageOf(look)).toMatch(
      /Can't reach the cluster of context .*: HTTP 403\nTo check: kubectl/,
    );
  });
});

interface Review {
  spec: { resourceAttributes: { verb: string; resource: string } };
}
