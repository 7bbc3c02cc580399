import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "@jest/globals";

import { releaseAdvice } from "../../components/mesh/chart.js";
import { clearReleases } from "../../tools/sandbox/recovery/releases.js";
import * as programs from "./plugin-cases.js";
import { lives } from "./plugin-lives.js";
import { readings } from "./plugin-readings.js";
import { benchFor, from, type Program } from "./plugin-stack.js";
import { spoiled, spoiledReleases } from "./release-cases.js";

// What the program and the sandbox rely on of the plugins, as tables: here the life of each kind of resource and what
// others do to it meanwhile, in `plugin-refusals.test.ts` what is refused or fails, in `plugin-waiting.test.ts` what is
// waited for. They hold the stand-in for command to the real one, and show what a newer kubernetes plugin changes.
const minutes = 60_000;
const { bench, folder } = benchFor("test-plugins");

describe.each(lives(folder))("$what", (row) => {
  const [asFirst, asChanged, asImmutable, gone] = row.expected;

  test(
    "is made, left alone, changed, replaced and taken away",
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
    // It takes over objects, and no releases.
    const stack = await bench().stack("spoiled", { upsertExistingObjects: true });
    if (row.before) await stack.up(row.before);
    await row.spoil(bench());
    const error = (await row.attempt(stack).catch((cause: unknown) => cause)) as Error;
    expect(error.message).toMatch(row.refused);
    return { stack, error };
  }

  test(
    "is refused until what is left of it is cleared, as the next operation does",
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
    "or a person does as is advised",
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
    "keeps what somebody else made, unless the provider takes it over",
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
    "makes what a patch is of where it is not there, and keeps it",
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
    ["a custom one", programs.custom(90), () => bench().kubectl("delete", "split", "custom")],
    ["a release", programs.release(folder, 1), () => bench().run("helm", "uninstall", "tiny")],
  ])(
    "lacks %s: refresh sees it, the next update makes it again",
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
    "lost an object before it was to be deleted: nothing is wrong with that",
    async () => {
      const stack = await bench().stack("gone");
      await stack.up(configMap("gone"));
      await bench().kubectl("delete", "configmap", "gone");
      expect(await stack.destroy()).toEqual({ delete: 3 });
    },
    2 * minutes,
  );
});

describe.each(readings(folder))("$what that is there already", (row) => {
  test(
    "is read, and left where it is",
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
  "a release is known by its record: what is changed by hand in its objects, or added to its values, is no drift",
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
  "a secret value is in no state in clear",
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
