import { parseArgs } from "node:util";

import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";

import okeAmbientMesh from "../../index.js";
import { root } from "../../tools/paths.js";
import { inline } from "../../tools/automation/inline.js";
import { ignoreLateRejections } from "../../tools/automation/late-rejections.js";

// `pulumi up` for a machine without Pulumi's Node language host: the same engine, the program by the Automation API.
const { values } = parseArgs({
  options: {
    stack: { type: "string" },
    refresh: { type: "boolean" },
    "expect-no-changes": { type: "boolean" },
  },
});

ignoreLateRejections();
const stack = await LocalWorkspace.selectStack(
  {
    stackName: values.stack ?? "",
    projectName: "oke-ambient-mesh",
    program: inline(okeAmbientMesh),
  },
  { workDir: root },
);
await stack.up({
  color: "never",
  suppressProgress: true,
  refresh: values.refresh,
  expectNoChanges: values["expect-no-changes"],
  onOutput: (text) => process.stdout.write(text),
  onError: (text) => process.stderr.write(text),
});
process.exit(0);
