import { exec } from "node:child_process";
import { promisify } from "node:util";

import { afterAll, afterEach, describe, expect, test } from "@jest/globals";

import { root } from "../../../tools/paths.js";
import { renderReport } from "../../../tools/verify/render.js";
import { TestSandbox } from "../harness.js";

// What scaling something to nothing, or deleting it, turns red, what the rows say of it, and what heals it.
const minutes = 60_000;
const sandbox = new TestSandbox("test-causes");
const productpage = ["-n", "default", "deployment/productpage-v1"];
const istiod = ["-n", "istio-system", "deployment/istiod"];

afterEach(async () => {
  for (const one of [istiod, productpage]) await sandbox.kubectl("scale", "--replicas=1", ...one);
}, minutes);
afterAll(async () => {
  await sandbox.try("destroy");
}, 4 * minutes);

const requests = ["sleep-gateway-get", "sleep-direct-get", "reviews-split"];

/** The red rows with their causes, the causes as the table shows them, and what heals them. */
async function reds() {
  const report = await sandbox.verify("--settle", "10");
  const table = renderReport(report, { width: 1_000 });
  return {
    rows: report.rows
      .filter(({ verdict }) => verdict === "red")
      .map(({ id, cause }) => ({ id, cause })),
    shown: table.split("\n").flatMap((line) => /likely cause[^:]*: (.*)$/.exec(line)?.[1] ?? []),
    remedies: report.remedies,
  };
}

describe("a part of a Helm release that was deleted", () => {
  test(
    "is restored by the command that the report names",
    async () => {
      await sandbox.at("traffic");
      await sandbox.kubectl("delete", "daemonset", "ztunnel", "-n", "istio-system");
      const { rows, remedies } = await reds();
      const cause = "DaemonSet istio-system/ztunnel was deleted";
      expect(rows[0]).toEqual({ id: "ztunnel", cause });
      expect(remedies).toEqual([
        {
          why: `${cause}. Restore it with:`,
          command: expect.stringMatching(/^eval .*; helm get manifest ztunnel .* apply /),
        },
      ]);
      await promisify(exec)(remedies[0]?.command ?? "", { cwd: root });
      expect((await sandbox.verify("--settle", "60")).verdict).toBe("green");
    },
    10 * minutes,
  );
});

describe("a red row's cause is shown once, and the rows that follow from it say so:", () => {
  test(
    "productpage scaled to 0",
    async () => {
      await sandbox.at("traffic");
      await sandbox.kubectl("scale", "--replicas=0", ...productpage);
      const cause = "no Pod with app=productpage,version=v1";
      const follows = `follows from the red row Pods of Bookinfo: ${cause}`;
      expect(await reds()).toEqual({
        rows: [{ id: "bookinfo-pods", cause }, ...requests.map((id) => ({ id, cause: follows }))],
        shown: [cause, follows, "as above"],
        remedies: [
          {
            why: "Changed outside of Pulumi: app=productpage,version=v1 has no replicas. Restore it with:",
            command: "npm run -s sandbox -- up --refresh --name test-causes",
          },
        ],
      });
    },
    10 * minutes,
  );

  test(
    "istiod scaled to 0, and then a Pod whose address no proxy learns",
    async () => {
      await sandbox.at("traffic");
      await sandbox.kubectl("scale", "--replicas=0", ...istiod);
      await sandbox.kubectl(
        "wait",
        "--for=delete",
        "pod",
        "-n",
        "istio-system",
        "-l",
        "app=istiod",
      );
      await sandbox.kubectl("delete", "pod", "-n", "default", "-l", "app=productpage");
      const cause = "Deployment istio-system/istiod is scaled to 0";
      const follows = `follows from the red row Deployment istiod: ${cause}`;
      expect(await reds()).toEqual({
        rows: [{ id: "istiod", cause }, ...requests.map((id) => ({ id, cause: follows }))],
        shown: [cause, follows, "as above"],
        remedies: [
          {
            why: `${cause}. Restore it with:`,
            command: expect.stringMatching(
              /^eval .*; kubectl scale deployment istiod -n istio-system --replicas=1$/,
            ),
          },
        ],
      });
    },
    10 * minutes,
  );
});
