import { expect, test } from "@jest/globals";

import { UncheckedError } from "../../../../tools/verify/finding.js";
import { junit } from "../../../../tools/verify/output/junit.js";
import { verify } from "../../../../tools/verify/verify.js";
import { atTraffic, clock, healthy, input, page, simulatedCluster } from "../cluster.js";

const lists = { nodes: new UncheckedError('nodes is "forbidden" <403>', true) };

test("the rows as JUnit: a case each, red ones fail, unchecked ones are skipped", async () => {
  const answers = { ...atTraffic, "notsleep GET direct": page };
  const report = await verify(input, simulatedCluster({ answers, lists }), {
    settleSeconds: 0,
    ...clock(),
  });
  const lines = junit(report).split("\n");
  const cases = lines.filter((line) => line.includes("<testcase "));
  expect(cases).toHaveLength(report.rows.length);
  expect(lines[2]).toMatch(
    /^ {2}<testsuite name="stack test, stage traffic, namespace default" tests="\d+" failures="1" skipped="1" errors="0" /,
  );
  expect(cases[0]).toBe(
    '    <testcase classname="cluster.workers" name="workers: 1 Ready"><skipped message="nodes is &quot;forbidden&quot; &lt;403&gt;"/></testcase>',
  );
  expect(cases[1]).toBe(
    '    <testcase classname="mesh.istio-cni-node" name="DaemonSet istio-cni-node: available"/>',
  );
  expect(cases.find((line) => line.includes("notsleep-direct-get"))).toMatch(
    /<failure message="expected RBAC: access denied, seen the page ×5">the mesh reports no fault; it has: /,
  );
});

test("control characters, which XML cannot hold, are replaced", async () => {
  const services = healthy().services;
  services[1].status.conditions[0].message = "a\u001bb\u0000";
  services[1].status.conditions[0].status = "False";
  const report = await verify(input, simulatedCluster({ lists: { services } }), {
    settleSeconds: 0,
    ...clock(),
  });
  expect(junit(report)).toContain("a\ufffdb\ufffd");
});
