import { Progress } from "../../../tools/automation/progress.js";

// Events of an imagined up, for a test to see on a real terminal.
const progress = new Progress(process.stdout, ["Tools"]);
const names = Array.from({ length: 40 }, (_, index) => `network-rule-number-${index}`);
const metadata = (name: string) => ({ urn: `urn:pulumi:s::p::a:b:C::${name}`, op: "create" });

progress.done("Tools", "ready");
for (const name of names)
  progress.event({ resourcePreEvent: { metadata: metadata(name) } } as never);
await new Promise((resolve) => setTimeout(resolve, 300));
for (const name of names) {
  progress.event({ resOutputsEvent: { metadata: metadata(name) } } as never);
}
await progress.end();
