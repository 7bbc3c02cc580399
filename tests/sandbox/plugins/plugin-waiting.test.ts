import * as k8s from "@pulumi/kubernetes";
import { describe, expect, test } from "@jest/globals";

import { custom, deployment, workload } from "./plugin-cases.js";
import { type Changes, benchFor, type Program } from "./plugin-stack.js";

const minutes = 60_000;
const { bench, folder } = benchFor("test-plugin-waiting");

const annotations = { "pulumi.com/waitFor": "condition=Programmed" };
const soon = { customTimeouts: { create: "5s", update: "60s" } };
/** A custom resource that is awaited like a waypoint. */
const split = (weight: number) => custom(weight, { annotations });
const impatient = custom(90, { annotations }, soon);

/** Sets the custom resource's condition as its controller would, for a generation. */
const programmed = (status: "True" | "False", observedGeneration: number) => {
  const conditions = [{ type: "Programmed", status, observedGeneration }];
  const patch = JSON.stringify({ status: { conditions } });
  return bench().kubectl(
    ...["patch", "split", "custom", "--subresource=status", "--type=merge", "-p", patch],
  );
};

/** A running update, and whether it has ended shortly after an event. */
function underWay(up: Promise<{ changes: Changes }>) {
  let isOver = false;
  const over = up.then(({ changes }) => ((isOver = true), changes));
  const isOverAfter = async (happens: Promise<unknown>) => {
    await happens;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return isOver;
  };
  return { over, isOverAfter };
}

describe("pulumi.com/waitFor", () => {
  test(
    "waits until a path has its value",
    async () => {
      const stack = await bench().stack("path");
      const waitFor = { "pulumi.com/waitFor": "jsonpath={.metadata.labels.ready}=yes" };
      const metadata = { name: "asked", namespace: "default", annotations: waitFor };
      const { over, isOverAfter } = underWay(
        stack.up((provider) => {
          new k8s.core.v1.ConfigMap("asked", { metadata, data: {} }, { provider });
        }),
      );
      expect(await isOverAfter(bench().appears("configmap", "asked"))).toBe(false);
      await bench().kubectl("label", "configmap", "asked", "ready=yes");
      expect(await over).toEqual({ create: 3 });
    },
    2 * minutes,
  );

  test(
    "waits until a condition holds for the written generation",
    async () => {
      const stack = await bench().stack("condition");
      const made = underWay(stack.up(split(90)));
      expect(await made.isOverAfter(bench().appears("split", "custom"))).toBe(false);
      expect(await made.isOverAfter(programmed("False", 1))).toBe(false);
      await programmed("True", 1);
      expect(await made.over).toEqual({ create: 4 });

      const changed = underWay(stack.up(split(80)));
      const written = bench().kubectl(
        ...["wait", "split", "custom", "--for=jsonpath={.spec.weight}=80", "--timeout=60s"],
      );
      expect(await changed.isOverAfter(written)).toBe(false);
      await programmed("True", 2);
      expect(await changed.over).toEqual({ update: 1 });
    },
    2 * minutes,
  );

  test(
    "times out, and the next update continues to wait",
    async () => {
      const stack = await bench().stack("overdue");
      await expect(stack.up(impatient)).rejects.toThrow(
        /Split::custom[^]*timed out waiting for the condition/,
      );
      const again = underWay(stack.up(impatient));
      expect(await again.isOverAfter(Promise.resolve())).toBe(false);
      await programmed("True", 1);
      expect(await again.over).toEqual({ update: 1 });
    },
    2 * minutes,
  );
});

test(
  "waiting for a Deployment fails with its condition, and the next update succeeds",
  async () => {
    const stack = await bench().stack("unready");
    await expect(stack.up(deployment({ cpu: "64" }, soon))).rejects.toThrow(
      /Deployment::typed[^]*MinimumReplicasUnavailable/,
    );
    expect((await stack.up(deployment({}, soon))).changes).toEqual({ update: 1 });
    const status = { availableReplicas: 1 };
    expect(await bench().object("deployment", "typed")).toMatchObject({ status });
  },
  2 * minutes,
);

// The provider checks the readiness of known kinds when it reads them. It does not check an annotation's condition, and
// of a release only the record, so a refresh regards both as ready.
// https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/await.go
test.each<[string, Program, Changes]>([
  ["keeps that a Deployment is not ready", deployment({ cpu: "64" }, soon), { update: 1 }],
  ["forgets that the condition of pulumi.com/waitFor does not hold", impatient, {}],
  ["forgets that a release failed", workload(folder, { cpu: "64", timeout: 5 }), {}],
])(
  "a refresh %s",
  async (what, program, left) => {
    const stack = await bench().stack(what.replaceAll(/[^a-z]+/gi, "-"));
    await expect(stack.up(program)).rejects.toThrow();
    expect(await stack.preview(program)).toEqual({ update: 1 });
    await stack.refresh();
    expect(await stack.preview(program)).toEqual(left);
  },
  2 * minutes,
);
