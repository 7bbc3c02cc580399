import { type CheckResult, type Diff, type Plugin, serve } from "../server.js";
import type { Properties } from "../values.js";
import { Client } from "./client.js";
import { diffInputs, projected } from "./diff.js";
import { invoke } from "./functions.js";
import { version } from "./messages.js";
import { Resources } from "./resources.js";
import { type ResourceType, resourceTypes } from "./types.js";

/** The provider's configuration, `oci:…`: names in camel case. */
let variables: Properties = {};

function setting(name: string): string | undefined {
  const camel = name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const given = variables[camel];
  if (typeof given === "string" && given !== "") return given;
  const upper = name.toUpperCase();
  return process.env[`TF_VAR_${name}`] ?? process.env[`OCI_${upper}`] ?? process.env[upper];
}

const client = new Client(setting);
const resources = new Resources(client);

function typeOf(token: string): ResourceType {
  const type = resourceTypes[token];
  if (type) return type;
  throw new Error(`the stand-in for the oci plugin has no resource ${token}`);
}

function check(token: string, news: Properties): CheckResult {
  const failures = typeOf(token)
    .required.filter((property) => news[property] === undefined)
    .map((property) => ({
      property,
      reason: `Missing required property '${property}'. Either set it explicitly or configure it with 'pulumi config set'.`,
    }));
  return { inputs: news, failures };
}

function diff(token: string, oldInputs: Properties, news: Properties): Diff {
  return { changes: diffInputs(oldInputs, news, typeOf(token).forceNew) };
}

const plugin: Plugin = {
  name: "oci",
  version,
  async configure(given) {
    variables = given;
  },
  async check({ type, news }) {
    return check(type, news);
  },
  async diff({ type, oldInputs, news }) {
    return diff(type, oldInputs, news);
  },
  async create({ type, urn, inputs, preview, timeoutSeconds }) {
    if (preview) return { id: "", state: inputs };
    return resources.create(typeOf(type), inputs, { urn, timeoutSeconds });
  },
  async read({ type, id, inputs }) {
    const made = await resources.read(typeOf(type), id, inputs);
    if (!made) return undefined;
    return { ...made, inputs: projected(made.state, inputs) as Properties };
  },
  async update({ type, urn, id, oldInputs, oldState, news, preview, timeoutSeconds }) {
    if (preview) return { ...oldState, ...news };
    const inputs = { olds: oldInputs, news };
    return resources.update(typeOf(type), id, inputs, { urn, timeoutSeconds });
  },
  async delete({ type, urn, id, timeoutSeconds }) {
    await resources.delete(typeOf(type), id, { urn, timeoutSeconds });
  },
  async invoke({ token, args }) {
    return { result: await invoke(client, token, args) };
  },
};

serve(plugin);
