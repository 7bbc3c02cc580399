import { log, serve } from "../server.js";
import type { Plugin } from "../server.js";
import { Client } from "./client.js";
import { Discovery } from "./discovery.js";
import { checkConfig, diffConfig, parseSettings } from "./provider.js";
import { Releases } from "./release.js";
import { ObjectResources } from "./resource.js";
import { template } from "./template.js";

type Resources = Pick<Plugin, "check" | "diff" | "create" | "read" | "update" | "delete">;

let objects: Resources | undefined;
let releases: Resources | undefined;

function of(type: string): Resources {
  const resources = type === "kubernetes:helm.sh/v3:Release" ? releases : objects;
  if (!resources) throw new Error("the kubernetes provider is not configured yet");
  return resources;
}

// The plugin that the SDK asks for; what it offers is what this project's program uses of it.
serve({
  name: "kubernetes",
  version: "4.34.2",
  checkConfig: async ({ news }) => checkConfig(news),
  diffConfig: async ({ oldInputs, news }) => diffConfig(oldInputs, news),
  async configure(variables) {
    const settings = parseSettings(variables);
    const client = new Client(settings.connection, (text, urn) => log("warning", text, urn));
    const cluster = { client, settings, discovery: new Discovery(client) };
    objects = new ObjectResources(cluster);
    releases = new Releases(cluster);
  },
  check: (r) => of(r.type).check(r),
  diff: (r) => of(r.type).diff(r),
  create: (r) => of(r.type).create(r),
  read: (r) => of(r.type).read(r),
  update: (r) => of(r.type).update(r),
  delete: (r) => of(r.type).delete(r),
  async invoke({ token, args }) {
    if (token !== "kubernetes:helm:template") throw new Error(`${token} is not offered`);
    return { result: await template(args) };
  },
});
