import { describe, expect, test } from "@jest/globals";

import type { Checkpoint } from "../../../../tools/stacks/checkpoint.js";
import {
  clearReleases,
  type InterruptedRelease,
  interruptedReleases,
  type Run,
} from "../../../../tools/sandbox/recovery/releases.js";

const type = "kubernetes:helm.sh/v3:Release";
const urnOf = (name: string) => `urn:pulumi:s::p::${type}::${name}`;
const resource = (name: string, more: object = {}) => ({
  urn: urnOf(name),
  type,
  custom: true,
  inputs: { namespace: "istio-system", name },
  ...more,
});

describe("releases to clear", () => {
  const found = (checkpoint: Checkpoint) =>
    interruptedReleases(checkpoint).map(({ name, namespace, operation }) => [
      namespace,
      name,
      operation,
    ]);

  test("are those with a pending operation, and no other resources", () => {
    const pending_operations: Checkpoint["pending_operations"] = [
      { type: "creating", resource: resource("istiod") },
      { type: "deleting", resource: resource("ztunnel", { id: "istio-system/ztunnel" }) },
      { type: "creating", resource: { urn: "u", type: "oci:Core/vcn:Vcn", custom: true } },
      { type: "reading", resource: resource("base") },
    ];
    expect(found({ resources: [resource("base")], pending_operations })).toEqual([
      ["istio-system", "istiod", "creating"],
      ["istio-system", "ztunnel", "deleting"],
    ]);
  });

  test("include failed releases", () => {
    const failed = resource("istiod", { id: "istio-system/istiod", initErrors: ["no answer"] });
    expect(found({ resources: [failed, resource("base")] })).toEqual([
      ["istio-system", "istiod", "updating"],
    ]);
  });

  test("exclude releases that were created since", () => {
    const made = resource("istiod", { id: "istio-system/istiod" });
    const pending_operations = [{ type: "creating" as const, resource: resource("istiod") }];
    expect(found({ resources: [made], pending_operations })).toEqual([]);
  });

  test("are none before the first operation", () => {
    expect(interruptedReleases({})).toEqual([]);
  });
});

describe("clearing a release", () => {
  /** @param statuses of its revisions, the first one first; none: helm knows none. */
  async function clear(operation: InterruptedRelease["operation"], ...statuses: string[]) {
    const ran: string[] = [];
    const notes: string[] = [];
    const run: Run = async (program, ...args) => {
      if (args[0] !== "history") {
        ran.push([program, ...args].join(" "));
        return "";
      }
      if (statuses.length === 0) throw new Error("Error: release: not found");
      // Not in order, as nothing says that they are.
      return JSON.stringify(statuses.map((status, i) => ({ revision: i + 1, status })).reverse());
    };
    const release = { urn: urnOf("istiod"), operation, namespace: "istio-system", name: "istiod" };
    const gone = await clearReleases([release], run, (text) => notes.push(text));
    return { ran, isGone: gone.length === 1, notes };
  }
  const uninstall =
    "helm uninstall istiod --namespace istio-system --ignore-not-found --wait --timeout 5m";

  test.each(["pending-install", "uninstalling", "failed", "deployed"])(
    "uninstalls one that was being created and is %s, which frees its name",
    async (status) => {
      const { ran, isGone, notes } = await clear("creating", status);
      expect([ran, isGone]).toEqual([[uninstall], false]);
      expect(notes).toEqual([`istiod: uninstalled Helm's unfinished release (${status}).`]);
    },
  );

  test("does nothing for one that was being created and that Helm does not have", async () => {
    expect(await clear("creating")).toEqual({ ran: [], isGone: false, notes: [] });
  });

  test.each(["pending-upgrade", "pending-rollback"])(
    "removes the newest revision of one that was being updated and is %s",
    async (status) => {
      const { ran, isGone, notes } = await clear("updating", "superseded", "deployed", status);
      const secret = "sh.helm.release.v1.istiod.v3";
      expect(ran).toEqual([`kubectl delete secret ${secret} --namespace istio-system`]);
      expect([isGone, notes]).toEqual([false, [`istiod: removed Helm's revision 3 (${status}).`]]);
    },
  );

  test.each(["pending-install", "uninstalling"])(
    "uninstalls one in the state that only ever was %s",
    async (status) => {
      expect(await clear("updating", status)).toMatchObject({ ran: [uninstall], isGone: true });
    },
  );

  test.each([["deployed"], ["failed"], ["deployed", "failed"]])(
    "leaves one that was being updated and is %s to Helm",
    async (...statuses) => {
      expect(await clear("updating", ...statuses)).toMatchObject({ ran: [], isGone: false });
    },
  );

  test("leaves one that was being deleted to the provider", async () => {
    expect(await clear("deleting", "uninstalling")).toMatchObject({ ran: [], isGone: false });
    expect(await clear("deleting")).toMatchObject({ ran: [], isGone: true });
  });

  test("that fails names the release, the reason, and how to inspect it", async () => {
    const run: Run = () => Promise.reject(new Error("connection refused"));
    const release = { urn: "u", operation: "updating", namespace: "n", name: "istiod" } as const;
    await expect(clearReleases([release], run, () => undefined)).rejects.toThrow(
      "The interrupted upgrade of the Helm release n/istiod could not be cleared:\n" +
        "connection refused\nInspect it with: helm history istiod -n n",
    );
  });
});
