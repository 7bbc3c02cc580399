import { randomBytes } from "node:crypto";

import { type Plugin, serve, unknown } from "../server.js";
import type { Properties } from "../values.js";
import { diff } from "./diff.js";
import { type Output, run } from "./run.js";

const type = "command:local:Command";
const function_ = "command:local:run";

function requireCommand(token: string): void {
  if (token === type) return;
  throw new Error(`the stand-in for the command plugin has no resource ${token}`);
}

const outputOf = ({ stdout, stderr }: Properties): Partial<Output> => ({
  stdout: String(stdout ?? ""),
  stderr: String(stderr ?? ""),
});

const plugin: Plugin = {
  name: "command",
  version: "1.2.1",
  async check({ type: token, news }) {
    requireCommand(token);
    const unsupported = ["assetPaths", "archivePaths"].filter((key) => news[key] !== undefined);
    return {
      inputs: news,
      failures: unsupported.map((property) => ({
        property,
        reason: `the stand-in for the command plugin does not support ${property}`,
      })),
    };
  },
  async diff({ oldInputs, news }) {
    return diff(oldInputs, news);
  },
  async create({ name, urn, inputs, preview }) {
    if (preview) return { id: "", state: { ...inputs, stdout: unknown, stderr: unknown } };
    const command = inputs["create"];
    const output: Output =
      command === undefined ? { stdout: "", stderr: "" } : await run(String(command), inputs, urn);
    return { id: `${name}${randomBytes(4).toString("hex")}`, state: { ...inputs, ...output } };
  },
  async read({ id, inputs, state }) {
    return { id, inputs, state };
  },
  async update({ urn, oldState, news, preview }) {
    if (preview) return { ...news, stdout: unknown, stderr: unknown };
    const command = news["update"] ?? news["create"];
    const previous = outputOf(oldState);
    if (command === undefined) return { ...news, ...previous };
    return { ...news, ...(await run(String(command), news, urn, previous)) };
  },
  async delete({ urn, state }) {
    const command = state["delete"];
    if (command !== undefined) await run(String(command), state, urn, outputOf(state));
  },
  async invoke({ token, args, preview }) {
    if (token !== function_) throw new Error(`the stand-in for the command plugin has no ${token}`);
    if (preview) return { result: { ...args, stdout: unknown, stderr: unknown } };
    return { result: { ...args, ...(await run(String(args["command"]), args, "")) } };
  },
};

serve(plugin);
