import { randomBytes } from "node:crypto";
import { containsUnknown, InitializationError, isObject, log, secret, unknown } from "../server.js";
import type * as rpc from "../server.js";
import { chartVersion, releaseArguments } from "./charts.js";
import type { Release } from "./charts.js";
import { Unreachable } from "./client.js";
import { comparePaths } from "./diff.js";
import { helm } from "./helm.js";
import { merge, normalize, parseId } from "./objects.js";
import { newestRelease } from "./storage.js";
import type { StoredRelease } from "./storage.js";
import type { Cluster } from "./write.js";

/**
 * `kubernetes:helm.sh/v3:Release`, by the `helm` command. As the provider's own, it takes nothing over and clears nothing
 * up: https://github.com/pulumi/pulumi-kubernetes/blob/v4.34.2/provider/pkg/provider/helm_release.go
 */
export class Releases {
  constructor(private readonly cluster: Cluster) {}

  async check({ name, olds, news }: rpc.CheckRequest): Promise<rpc.CheckResult> {
    const inputs = normalize(news);
    const failures: rpc.CheckResult["failures"] = [];
    inputs["name"] ??= olds["name"] ?? `${name}-${randomBytes(4).toString("hex")}`;
    inputs["namespace"] ??= this.cluster.settings.namespace;
    if (inputs["skipAwait"] !== true) inputs["timeout"] ??= 300;
    delete inputs["resourceNames"];
    if (!containsUnknown(inputs)) {
      try {
        inputs["version"] = await chartVersion(inputs as Release, olds);
      } catch (error) {
        const reason = `${(error as Error).message}; check the chart name and repository configuration.`;
        failures.push({ property: "chart", reason });
      }
    }
    return { inputs, failures };
  }

  async diff({ oldInputs, oldState, news, ignoreChanges }: rpc.DiffRequest): Promise<rpc.Diff> {
    const olds = spokenOf(normalize(oldInputs), news, normalize(oldState));
    return { changes: comparePaths(olds, news, [".name", ".namespace"], ignoreChanges) };
  }

  async create({ inputs, preview, urn }: rpc.CreateRequest) {
    const release = inputs as Release;
    if (preview) return { id: "", state: { ...inputs, status: unknown } };
    const state = await this.#run("install", release, urn);
    return { id: `${release.namespace}/${release.name}`, state };
  }

  async update({ news, preview, urn }: rpc.UpdateRequest): Promise<rpc.Properties> {
    if (preview) return { ...news, status: unknown };
    return this.#run("upgrade", news as Release, urn);
  }

  async read({ id, inputs, state, urn }: rpc.ReadRequest) {
    const { namespace = this.cluster.settings.namespace, name } = parseId(id);
    const { client, settings } = this.cluster;
    let stored: StoredRelease | undefined;
    try {
      stored = await newestRelease(client, namespace, name);
    } catch (error) {
      if (!(error instanceof Unreachable) || !settings.deleteUnreachable) throw error;
      log("warning", `${error.message}; it is taken out of the state (deleteUnreachable)`, urn);
    }
    if (!stored) return undefined;
    const { name: chart, version } = stored.chart.metadata;
    const found = { chart, name, namespace, version, values: stored.config ?? {} };
    const shown = Object.keys(inputs).length === 0 ? found : normalize(inputs);
    // Somebody else's upgrade is no change of the inputs: the next diff finds it in the state.
    return { id, inputs: shown, state: stateOf(shown, stored, normalize(state)["values"]) };
  }

  async delete({ id, inputs, timeoutSeconds }: rpc.DeleteRequest): Promise<void> {
    const { namespace, name } = parseId(id);
    const { settings } = this.cluster;
    const args = ["uninstall", name];
    const waits = inputs["atomic"] === true || inputs["skipAwait"] !== true;
    const seconds = timeoutSeconds || Number(inputs["timeout"] ?? 300);
    if (waits) args.push("--wait", "--timeout", `${seconds}s`);
    await helm(args, { connection: settings.connection, namespace });
  }

  async #run(
    action: "install" | "upgrade",
    release: Release,
    urn: string,
    again = true,
  ): Promise<rpc.Properties> {
    const { namespace, name } = release;
    const { client, settings } = this.cluster;
    const before = await newestRelease(client, namespace, name);
    const options = { connection: settings.connection, namespace, values: release.values ?? {} };
    const failure = await helm(await releaseArguments(action, release), options).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    // helm does not wait for an API server that is away for a while; this look does.
    const after = await newestRelease(client, namespace, name);
    if (!failure && after) return stateOf(release, after);
    const isNew = after && after.version !== before?.version;
    if (failure && again && !isNew && isAway(failure))
      return this.#run(action, release, urn, false);
    if (!isNew || !after) throw failure ?? new Error(`helm left no release ${namespace}/${name}`);
    log("warning", `helm release "${name}" has the status ${after.info.status}`, urn);
    const reason = `Helm release "${namespace}/${name}" failed: ${failure?.message ?? ""}`;
    throw new InitializationError(`${namespace}/${name}`, stateOf(release, after), [reason]);
  }
}

/** Nobody answered helm, or an API server that has not yet loaded who may do what. */
const isAway = ({ message }: Error) =>
  /connection (refused|reset|lost)|unreachable|EOF|is forbidden: User/i.test(message);

/**
 * What the record says of what the inputs speak of, now or before: what somebody else changed is to be mended, what they
 * added is theirs. So does the provider's three-way merge.
 */
function spokenOf(olds: rpc.Properties, news: rpc.Properties, state: rpc.Properties) {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
  const entries = [...keys].map((key): [string, unknown] => {
    const [old, now, live] = [olds[key], news[key], state[key]];
    if (now === undefined) return [key, old];
    return [
      key,
      isObject(now) && isObject(live) ? spokenOf(isObject(old) ? old : {}, now, live) : live,
    ];
  });
  return Object.fromEntries(entries) as rpc.Properties;
}

/** @param before the values that were on record */
function stateOf(
  inputs: rpc.Properties,
  { chart, info, config = {}, ...stored }: StoredRelease,
  before = inputs["values"],
) {
  const { name: chartName, version, appVersion } = chart.metadata;
  const { name, namespace, version: revision } = stored;
  const values = merge(isObject(before) ? before : {}, config);
  return {
    ...inputs,
    ...(Object.keys(values).length > 0 && { values }),
    version,
    status: {
      appVersion,
      chart: chartName,
      name,
      namespace,
      revision,
      status: info.status,
      version,
    },
    __inputs: secret(inputs),
  };
}
