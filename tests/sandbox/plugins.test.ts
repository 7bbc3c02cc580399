import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as k8s from "@pulumi/kubernetes";
import { type ResourceOptions, secret } from "@pulumi/pulumi";

import { clearReleases } from "../../sandbox/releases.js";
import { cases, tinyChart } from "./plugin-cases.js";
import { PluginBench, type Program, type TestStack } from "./plugin-stack.js";
import { spoiled, spoiledReleases } from "./release-cases.js";

const minutes = 60_000;
const folder = mkdtempSync(join(tmpdir(), "plugins-"));
let bench: PluginBench;
let open: TestStack[] = [];

beforeAll(async () => {
  bench = await PluginBench.open();
}, 20 * minutes);

afterEach(async () => {
  const used = open;
  open = [];
  for (const stack of used) await stack.destroy();
}, 5 * minutes);

afterAll(async () => {
  await bench?.close();
  rmSync(folder, { recursive: true, force: true });
}, minutes);

async function newStack(name: string, settings?: k8s.ProviderArgs): Promise<TestStack> {
  const stack = await bench.stack(name, settings);
  open.push(stack);
  return stack;
}

describe.each(cases(folder))("$what", (row) => {
  const [asFirst, asChanged, asImmutable, gone] = row.expected;

  test(
    "is made, left alone, changed, replaced and taken away",
    async () => {
      const stack = await newStack(row.what.replaceAll(" ", "-"), { enablePatchForce: true });
      const all = row.resources + 2;

      expect(await stack.preview(row.first)).toEqual({ create: all });
      expect((await stack.up(row.first)).changes).toEqual({ create: all });
      expect(await row.seen(bench)).toEqual(asFirst);
      expect((await stack.up(row.first)).changes).toEqual({});

      expect(await stack.preview(row.changed)).toEqual({ update: 1 });
      expect((await stack.up(row.changed)).changes).toEqual({ update: 1 });
      expect(await row.seen(bench)).toEqual(asChanged);

      await stack.refresh();
      expect(await stack.preview(row.changed)).toEqual({});
      if (row.drift) {
        await row.drift(bench);
        await stack.refresh();
        expect((await stack.up(row.changed)).changes).toEqual({ update: 1 });
        expect(await row.seen(bench)).toEqual(asChanged);
      }

      expect(await stack.preview(row.immutable)).toEqual({ replace: 1 });
      expect((await stack.up(row.immutable)).changes).toEqual({ replace: 1 });
      expect(await row.seen(bench)).toEqual(asImmutable);

      expect(await stack.destroy()).toEqual({ delete: all });
      expect(await row.seen(bench)).toEqual(gone);
    },
    5 * minutes,
  );
});

describe.each(spoiledReleases(folder))("a release $what", (row) => {
  test(
    "is refused until what is left of it is cleared, as the next operation does",
    async () => {
      // It takes over objects, and no releases.
      const stack = await newStack("spoiled", { upsertExistingObjects: true });
      if (row.before) await stack.up(row.before);
      await row.spoil(bench);
      await expect(row.attempt(stack)).rejects.toThrow(row.refused);

      const { operation } = row;
      const left = { urn: "its URN", operation, namespace: "default", name: spoiled };
      const gone = await clearReleases([left], bench.run, () => undefined);
      if (gone.length > 0) await stack.refresh();
      await row.attempt(stack);
      const map = await bench.object<{ data: { size: string } }>("configmap", spoiled);
      expect(map?.data.size).toBe(row.size);
    },
    2 * minutes,
  );
});

const configMap =
  (name: string, data: Record<string, string> = {}, namespace = "default"): Program =>
  (provider) => {
    new k8s.core.v1.ConfigMap("map", { metadata: { name, namespace }, data }, { provider });
  };

const workload =
  (cpu: string, options: ResourceOptions = {}, app = "waiting"): Program =>
  (provider) => {
    const container = { name: "app", image: "x", resources: { requests: { cpu } } };
    const spec = {
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app: "waiting" } }, spec: { containers: [container] } },
    };
    const metadata = { name: "waiting", namespace: "default" };
    new k8s.apps.v1.Deployment("waiting", { metadata, spec }, { provider, ...options });
  };

describe("the API server", () => {
  test(
    "is asked in a preview, and its refusal is told",
    async () => {
      const stack = await newStack("refused");
      const mismatch = workload("10m", {}, "another");
      const reason = /`selector` does not match template `labels`/;
      await expect(stack.preview(mismatch)).rejects.toThrow(reason);
      await expect(stack.up(mismatch)).rejects.toThrow(reason);
      expect(await bench.object("deployment", "waiting")).toBeUndefined();
    },
    2 * minutes,
  );

  test(
    "keeps what somebody else made, unless the provider takes it over",
    async () => {
      await bench.kubectl("create", "configmap", "theirs");
      const careful = await newStack("careful");
      await expect(careful.up(configMap("theirs"))).rejects.toThrow(/already exists/);
      const taking = await newStack("taking", { upsertExistingObjects: true });
      await taking.up(configMap("theirs", { a: "ours" }));
      expect(await bench.object("configmap", "theirs")).toMatchObject({ data: { a: "ours" } });
    },
    2 * minutes,
  );

  test(
    "lacks an object: refresh sees it, the next update makes it again",
    async () => {
      const stack = await newStack("deleted");
      await stack.up(configMap("deleted"));
      await bench.kubectl("delete", "configmap", "deleted");
      expect(await stack.refresh()).toEqual({ delete: 1 });
      expect((await stack.up(configMap("deleted"))).changes).toEqual({ create: 1 });
    },
    2 * minutes,
  );

  test(
    "lost an object before it was to be deleted: nothing is wrong with that",
    async () => {
      const stack = await newStack("gone");
      await stack.up(configMap("gone"));
      await bench.kubectl("delete", "configmap", "gone");
      expect(await stack.destroy()).toEqual({ delete: 3 });
    },
    2 * minutes,
  );
});

test(
  "an object that is there already is read",
  async () => {
    const stack = await newStack("read");
    const { outputs } = await stack.up((provider) => {
      const found = k8s.core.v1.Namespace.get("found", "kube-system", { provider });
      return { phase: found.status.phase, name: found.metadata.name };
    });
    expect(outputs).toEqual({ phase: "Active", name: "kube-system" });
  },
  2 * minutes,
);

describe("waiting", () => {
  test(
    "ends with the reasons of the Pods, and the next update goes on from there",
    async () => {
      const stack = await newStack("unready");
      const program = workload("64", { customTimeouts: { create: "5s", update: "60s" } } as never);
      await expect(stack.up(program)).rejects.toThrow(/Insufficient cpu/);
      const mended = workload("10m", { customTimeouts: { update: "60s" } } as never);
      expect((await stack.up(mended)).changes).toMatchObject({ update: 1 });
      expect(await bench.object("deployment", "waiting")).toMatchObject({
        status: { availableReplicas: 1 },
      });
    },
    2 * minutes,
  );

  test(
    "lasts until what pulumi.com/waitFor asks for holds",
    async () => {
      const stack = await newStack("wait-for");
      const annotations = { "pulumi.com/waitFor": "jsonpath={.metadata.labels.ready}=yes" };
      const metadata = { name: "asked", namespace: "default", annotations };
      let isUp = false;
      const up = stack
        .up((provider) => {
          new k8s.core.v1.ConfigMap("asked", { metadata, data: {} }, { provider });
        })
        .then(({ changes }) => ((isUp = true), changes));
      await appears("configmap", "asked");
      expect(isUp).toBe(false);
      await bench.kubectl("label", "configmap", "asked", "ready=yes");
      expect(await up).toEqual({ create: 3 });
    },
    2 * minutes,
  );
});

test(
  "a secret value is in no state in clear",
  async () => {
    const stack = await newStack("secret");
    await stack.up((provider) => {
      const metadata = { name: "hidden", namespace: "default" };
      const password = secret("open sesame");
      new k8s.core.v1.Secret("hidden", { metadata, stringData: { password } }, { provider });
      const values = { size: password };
      const args = {
        chart: tinyChart(folder),
        name: "hidden-release",
        namespace: "default",
        values,
      };
      new k8s.helm.v3.Release("release", args, { provider });
    });
    const state = stack.state();
    expect(state).toContain("hidden");
    expect(state).not.toContain("open sesame");
    expect(state).not.toContain(Buffer.from("open sesame").toString("base64"));
  },
  2 * minutes,
);

async function appears(...object: string[]): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await bench.object(...object)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${object.join(" ")} did not appear`);
}
