import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "@jest/globals";

import { releaseAdvice } from "../../../components/mesh/chart.js";
import { clearReleases } from "../../../tools/sandbox/recovery/releases.js";
import * as programs from "./plugin-cases.js";
import { lives } from "./plugin-lives.js";
import { readings } from "./plugin-readings.js";
import { benchFor, from, type Program } from "./plugin-stack.js";
import { spoiled, spoiledReleases } from "./release-cases.js";

// The plugins' behavior that the program and the sandbox depend on, as tables: here the life of each kind of resource
// and changes by others, in `plugin-refusals.test.ts` failures, in `plugin-waiting.test.ts` waiting. They compare the
// stand-in for command with the real plugin, and show the changes of a newer kubernetes plugin.
const minutes = 60_000;
const { bench, folder } = benchFor("test-plugins");

describe.each(lives(folder))("$what", (row) => {
  const [asFirst, asChanged, asImmutable, gone] = row.expected;

  test(
    "is created, kept, updated, replaced and deleted",
    async () => {
      const stack = await bench().stack(row.what.replaceAll(" ", "-"), { enablePatchForce: true });
      const all = row.resources + 2;

      expect(await stack.preview(row.first)).toEqual({ create: all });
      expect((await stack.up(row.first)).changes).toEqual({ create: all });
      expect(await row.seen(bench())).toEqual(asFirst);
      expect((await stack.up(row.first)).changes).toEqual({});

      expect(await stack.preview(row.changed)).toEqual({ update: 1 });
      expect((await stack.up(row.changed)).changes).toEqual({ update: 1 });
      expect(await row.seen(bench())).toEqual(asChanged);

      await stack.refresh();
      expect(await stack.preview(row.changed)).toEqual({});
      if (row.drift) {
        await row.drift(bench());
        await stack.refresh();
        expect((await stack.up(row.changed)).changes).toEqual({ update: 1 });
        expect(await row.seen(bench())).toEqual(asChanged);
      }

      expect(await stack.preview(row.immutable)).toEqual({ replace: 1 });
      expect((await stack.up(row.immutable)).changes).toEqual({ replace: 1 });
      expect(await row.seen(bench())).toEqual(asImmutable);

      expect(await stack.destroy()).toEqual({ delete: all });
      expect(await row.seen(bench())).toEqual(gone);
    },
    5 * minutes,
  );
});

describe.each(spoiledReleases(folder))("a release $what", (row) => {
  const size = async () =>
    (await bench().object<{ data: { size: string } }>("configmap", spoiled))?.data.size;

  async function refused() {
    // This option adopts objects but not releases.
    const stack = await bench().stack("spoiled", { upsertExistingObjects: true });
    if (row.before) await stack.up(row.before);
    await row.spoil(bench());
    const error = (await row.attempt(stack).catch((cause: unknown) => cause)) as Error;
    expect(error.message).toMatch(row.refused);
    return { stack, error };
  }

  test(
    "is rejected until it is cleaned up, as the next operation does",
    async () => {
      const { stack } = await refused();
      const { operation } = row;
      const left = { urn: "its URN", operation, namespace: "default", name: spoiled };
      const gone = await clearReleases([left], bench().run, () => undefined);
      if (gone.length > 0) await stack.refresh();
      await row.attempt(stack);
      expect(await size()).toBe(row.size);
    },
    2 * minutes,
  );

  const { byHand } = row;
  if (!byHand) return;
  test(
    "is accepted after the advised command",
    async () => {
      const { stack, error } = await refused();
      expect(releaseAdvice(spoiled)([error.message])).toContain(`helm ${byHand} ${spoiled} -n `);
      await bench().run("helm", byHand, spoiled);
      await row.attempt(stack);
      expect(await size()).toBe(row.size);
    },
    2 * minutes,
  );
});

const configMap =
  (name: string, data: Record<string, string> = {}): Program =>
  (provider) => {
    const metadata = { name, namespace: programs.namespace };
    new k8s.core.v1.ConfigMap("map", { metadata, data }, { provider });
  };

test(
  "a provider is updated, not replaced, when its context is pinned",
  async () => {
    const stack = await bench().stack("context");
    await stack.up(configMap("kept"));
    const pinned = await bench().stack("context", { context: "sandbox" });
    expect(await pinned.preview(configMap("kept"))).toEqual({ update: 1 });
    expect((await pinned.up(configMap("kept"))).changes).toEqual({ update: 1 });
  },
  2 * minutes,
);

describe("the API server", () => {
  // Until 4.28 a create takes over what is there: https://github.com/pulumi/pulumi-kubernetes/releases/tag/v4.29.0
  from(4, 29)(
    "keeps an object of another owner, unless the provider adopts it",
    async () => {
      await bench().kubectl("create", "configmap", "theirs");
      const careful = await bench().stack("careful");
      await expect(careful.up(configMap("theirs"))).rejects.toThrow(/already exists/);
      const taking = await bench().stack("taking", { upsertExistingObjects: true });
      await taking.up(configMap("theirs", { a: "ours" }));
      expect(await bench().object("configmap", "theirs")).toMatchObject({ data: { a: "ours" } });
    },
    2 * minutes,
  );

  test(
    "creates the object of a patch if it is missing, and keeps it",
    async () => {
      const stack = await bench().stack("patched");
      await stack.up(programs.patch("on", "nobodys"));
      const made = { metadata: { labels: { [programs.mode]: "on" } } };
      expect(await bench().object("namespace", "nobodys")).toMatchObject(made);
      await stack.destroy();
      const left = await bench().object("namespace", "nobodys");
      expect(left).toBeDefined();
      expect(left).not.toMatchObject(made);
      await bench().kubectl("delete", "namespace", "nobodys");
    },
    2 * minutes,
  );

  test.each<[string, Program, () => Promise<unknown>]>([
    ["an object", configMap("gone"), () => bench().kubectl("delete", "configmap", "gone")],
    ["a custom resource", programs.custom(90), () => bench().kubectl("delete", "split", "custom")],
    ["a release", programs.release(folder, 1), () => bench().run("helm", "uninstall", "tiny")],
  ])(
    "has lost %s, which refresh detects and the next update creates again",
    async (_, program, remove) => {
      const stack = await bench().stack("deleted");
      await stack.up(program);
      await remove();
      expect(await stack.refresh()).toEqual({ delete: 1 });
      expect((await stack.up(program)).changes).toEqual({ create: 1 });
    },
    2 * minutes,
  );

  test(
    "has lost an object, whose deletion still succeeds",
    async () => {
      const stack = await bench().stack("gone");
      await stack.up(configMap("gone"));
      await bench().kubectl("delete", "configmap", "gone");
      expect(await stack.destroy()).toEqual({ delete: 3 });
    },
    2 * minutes,
  );
});

describe.each(readings(folder))("$what that already exists", (row) => {
  test(
    "is read and not deleted",
    async () => {
      if (row.made) await (await bench().stack("maker")).up(row.made);
      const stack = await bench().stack("reader");
      await stack.up(row.get(row.id));
      expect(stack.outputs("found")).toMatchObject(row.seen);
      await expect(stack.up(row.get(row.none))).rejects.toThrow(/does not exist/);
      await stack.destroy();
      expect(await bench().object(...row.object)).toBeDefined();
    },
    2 * minutes,
  );
});

test(
  "a release is compared by its record: changes to its objects or added values are not drift",
  async () => {
    const stack = await bench().stack("record");
    const program = programs.release(folder, 1);
    await stack.up(program);
    const patch = '{"data":{"size":"9"}}';
    await bench().kubectl("patch", "configmap", "tiny", "--type=merge", "-p", patch);
    const chart = programs.tinyChart(folder);
    await bench().run("helm", "upgrade", "tiny", chart, "--reuse-values", "--set", "more=1");
    await stack.refresh();
    expect(await stack.preview(program)).toEqual({});
  },
  2 * minutes,
);

test(
  "a secret value is encrypted in the state",
  async () => {
    const stack = await bench().stack("secret");
    const program = programs.secrets(folder, "open sesame");
    await stack.up(program);
    await stack.refresh();
    const state = stack.state();
    expect(state).toContain("hidden");
    expect(state).not.toContain("open sesame");
    expect(state).not.toContain(Buffer.from("open sesame").toString("base64"));
  },
  2 * minutes,
);
