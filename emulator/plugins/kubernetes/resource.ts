import { InitializationError, isObject, log } from "../server.js";
import type * as rpc from "../server.js";
import { relinquish } from "./apply.js";
import { isNotFound, Unreachable } from "./client.js";
import { diffObjects } from "./diff.js";
import { NoKind } from "./discovery.js";
import { importedInputs, liveInputs } from "./live.js";
import * as objects from "./objects.js";
import type { KubernetesObject } from "./objects.js";
import { readinessOf, readinessOfRead } from "./readiness.js";
import { waitGone } from "./wait.js";
import { createObject, stateOf, updateObject, writingTo } from "./write.js";
import type { Cluster } from "./write.js";

/** Everything but Releases: typed resources, custom resources, and patches of either. */
export class ObjectResources {
  constructor(private readonly cluster: Cluster) {}

  async check({ news, type }: rpc.CheckRequest): Promise<rpc.CheckResult> {
    const inputs = objects.normalize(news);
    const failures: rpc.CheckResult["failures"] = [];
    const fail = (property: string, reason: string) => failures.push({ property, reason });
    const metadata = inputs["metadata"] ?? {};
    if (!isObject(metadata)) return { inputs };
    if (metadata["name"] === undefined)
      fail("metadata.name", `${type} needs a name: names are not made up here`);
    const { apiVersion, kind } = objects.parseType(type, inputs["kind"]);
    const { discovery, settings } = this.cluster;
    const namespaced = await discovery.isNamespaced(apiVersion, kind);
    const { namespace = settings.namespace, ...rest } = metadata;
    try {
      const waitFor = objects.annotation(inputs, "pulumi.com/waitFor");
      if (waitFor) readinessOf(inputs as KubernetesObject);
    } catch (error) {
      fail("metadata.annotations", (error as Error).message);
    }
    return {
      inputs: { apiVersion, kind, ...inputs, metadata: namespaced ? { ...rest, namespace } : rest },
      failures,
    };
  }

  async diff({ oldInputs, news, type, ignoreChanges }: rpc.DiffRequest): Promise<rpc.Diff> {
    const { apiVersion, kind, isPatch } = objects.parseType(type, news["kind"]);
    const namespaced = await this.cluster.discovery.isNamespaced(apiVersion, kind);
    const { namespace, mutableConfigMaps, mutableSecrets } = this.cluster.settings;
    // What was created before its kind was known may carry a namespace that it does not have.
    const settle = ({ metadata, ...rest }: rpc.Properties): rpc.Properties => {
      if (!isObject(metadata)) return { ...rest, metadata };
      const { namespace: own = namespace, ...others } = metadata;
      return { ...rest, metadata: namespaced ? { ...others, namespace: own } : others };
    };
    return diffObjects(settle(objects.normalize(oldInputs)), settle(news), {
      isPatch,
      ignoreChanges,
      mutableConfigMaps,
      mutableSecrets,
    });
  }

  create(r: rpc.CreateRequest): Promise<{ id: string; state: rpc.Properties }> {
    return createObject(this.cluster, r);
  }

  update(r: rpc.UpdateRequest): Promise<rpc.Properties> {
    return updateObject(this.cluster, r);
  }

  async read(r: rpc.ReadRequest) {
    const { urn, type, id, state } = r;
    const isLookup = Object.keys(r.inputs).length === 0;
    const inputs = objects.normalize(r.inputs);
    const { apiVersion, kind, isPatch } = objects.parseType(type, inputs["kind"]);
    const { name, namespace } = objects.parseId(id);
    const { client, discovery, settings } = this.cluster;
    let live: KubernetesObject;
    let path: string;
    try {
      const endpoint = await discovery.find(apiVersion, kind);
      path = `${endpoint.collection(namespace ?? settings.namespace)}/${name}`;
      live = await client.get(path);
    } catch (error) {
      if (isNotFound(error) || error instanceof NoKind) return undefined;
      if (error instanceof Unreachable && this.#forgets(error, urn)) return undefined;
      throw error;
    }
    const shown = isLookup ? importedInputs(live) : liveInputs(live, inputs);
    const manager = objects.fieldManager(urn, inputs, state);
    const result = { id, inputs: shown, state: stateOf(shown, live, manager) };
    const skip = isLookup || isPatch || objects.isAnnotated(inputs, "pulumi.com/skipAwait");
    const isReady = skip ? undefined : readinessOfRead(inputs as KubernetesObject);
    const lacks = (await isReady?.(live, client)) ?? [];
    if (lacks.length > 0) {
      const reason = `${objects.describe(live)} is not ready: ${lacks.join(", ")}`;
      throw new InitializationError(id, result.state, [reason], shown);
    }
    return result;
  }

  async delete(r: rpc.DeleteRequest): Promise<void> {
    const { urn, type, id, inputs, state } = r;
    const { apiVersion, kind, isPatch } = objects.parseType(type, inputs["kind"]);
    const { name, namespace } = objects.parseId(id);
    const object = { apiVersion, kind, metadata: { name, namespace } };
    const { client } = this.cluster;
    try {
      const writing = await writingTo(this.cluster, object, { urn, state, wait: 0 });
      if (isPatch) return await relinquish(object, writing);
      const path = `${writing.collection}/${name}`;
      const live = await client.get(path);
      await client.send("DELETE", path, { query: { propagationPolicy: "Foreground" }, urn });
      if (objects.isAnnotated(inputs, "pulumi.com/skipAwait")) return;
      const seconds = objects.timeoutOf(inputs, r.timeoutSeconds, 300);
      await waitGone(live, { client, path, urn, seconds });
    } catch (error) {
      if (isNotFound(error) || error instanceof NoKind) return;
      if (error instanceof Unreachable && this.#forgets(error, urn)) return;
      throw error;
    }
  }

  #forgets(error: Unreachable, urn: string): boolean {
    if (!this.cluster.settings.deleteUnreachable) {
      error.message +=
        "\nIf the cluster is gone for good, set PULUMI_K8S_DELETE_UNREACHABLE=true to take its objects out of the state.";
      return false;
    }
    log("warning", `${error.message}; it is taken out of the state (deleteUnreachable)`, urn);
    return true;
  }
}
