import { setTimeout as sleep } from "node:timers/promises";

import { InitializationError, log } from "../server.js";
import { isObject, type Properties } from "../values.js";
import type { Client, Reply } from "./client.js";
import { ownDefault } from "./diff.js";
import { fromApi, toApi } from "./mapping.js";
import { serviceError, timeoutError, workRequestError } from "./messages.js";
import type { ResourceType } from "./types.js";

/** A resource's id and outputs. */
export interface Found {
  id: string;
  state: Properties;
}

/** The resource of an operation, and its timeout; 0 is the provider's default. */
export interface Operation {
  urn: string;
  timeoutSeconds: number;
}

/** Creates, reads, updates and deletes resources through OCI's API. */
export class Resources {
  constructor(private readonly client: Client) {}

  async create(type: ResourceType, inputs: Properties, operation: Operation): Promise<Found> {
    const deadline = deadlineOf(type, operation);
    const reply = await this.send(type, "Create", "POST", type.path, {
      body: toApi(inputs),
      deadline,
    });
    if (!type.entity) {
      const item = reply.body as Properties;
      return this.created(type, String(item["id"]), inputs, deadline);
    }
    const { id, error } = await this.follow(type, reply, "CREATED", operation, deadline);
    if (!error) return this.created(type, id, inputs, deadline);
    // Like the provider, do not leave a resource behind that is not in the state.
    await this.delete(type, id, operation).catch((reason: unknown) =>
      log("warning", `${id} remains: ${String(reason)}`, operation.urn),
    );
    throw error;
  }

  /** Undefined if it does not exist. */
  async read(
    type: ResourceType,
    id: string,
    inputs: Properties,
    deadline = Date.now() + type.minutes * 60_000,
  ): Promise<Found | undefined> {
    const target = `${type.path}/${encodeURIComponent(id)}`;
    const reply = await this.client.callWithRetries(type.client, "GET", target, { deadline });
    if (reply.status === 404) return undefined;
    if (reply.status >= 400) throw serviceError(type, "Get", `GET ${target}`, reply);
    const state = fromApi(reply.body as Properties);
    if (["DELETED", "TERMINATED"].includes(String(state["state"]))) return undefined;
    return { id, state: { ...inputs, ...completed(state, inputs) } };
  }

  async update(
    type: ResourceType,
    id: string,
    { olds, news }: { olds: Properties; news: Properties },
    operation: Operation,
  ): Promise<Properties> {
    const deadline = deadlineOf(type, operation);
    // Of the removed properties, only the lists that are empty by default are reset.
    const gone = ownDefault.filter((key) => key in olds && !(key in news));
    const body = toApi({ ...Object.fromEntries(gone.map((key) => [key, []])), ...news });
    const target = `${type.path}/${encodeURIComponent(id)}`;
    const reply = await this.send(type, "Update", "PUT", target, { body, deadline });
    if (type.entity) {
      const { error } = await this.follow(type, reply, "UPDATED", operation, deadline);
      if (error) throw error;
    }
    return (await this.find(type, id, news, deadline)).state;
  }

  /** Succeeds if the resource does not exist. */
  async delete(type: ResourceType, id: string, operation: Operation): Promise<void> {
    const deadline = deadlineOf(type, operation);
    const target = `${type.path}/${encodeURIComponent(id)}`;
    const reply = await this.client.callWithRetries(type.client, "DELETE", target, { deadline });
    if (reply.status === 404) return;
    if (reply.status >= 400) throw serviceError(type, "Delete", `DELETE ${target}`, reply);
    if (!type.entity) return;
    const { error } = await this.follow(type, reply, "DELETED", operation, deadline);
    if (error) throw error;
  }

  /** Reads a created resource. If that fails, the engine still keeps it, and the next `up` continues. */
  private async created(
    type: ResourceType,
    id: string,
    inputs: Properties,
    deadline: number,
  ): Promise<Found> {
    try {
      return await this.find(type, id, inputs, deadline);
    } catch (error) {
      throw new InitializationError(id, inputs, [(error as Error).message]);
    }
  }

  private async find(
    type: ResourceType,
    id: string,
    inputs: Properties,
    deadline: number,
  ): Promise<Found> {
    const found = await this.read(type, id, inputs, deadline);
    if (!found) throw new Error(`${type.service} ${id} disappeared during its creation`);
    return found;
  }

  private async send(
    type: ResourceType,
    verb: string,
    method: string,
    target: string,
    request: { body: Properties; deadline: number },
  ): Promise<Reply> {
    const reply = await this.client.callWithRetries(type.client, method, target, request);
    if (reply.status >= 400) throw serviceError(type, verb, `${method} ${target}`, reply);
    return reply;
  }

  /** Waits for the end of a work request. */
  private async follow(
    type: ResourceType,
    { workRequestId = "" }: Reply,
    action: string,
    { urn }: Operation,
    deadline: number,
  ): Promise<{ id: string; error?: Error }> {
    const target = `/20180222/workRequests/${encodeURIComponent(workRequestId)}`;
    for (let wait = 100, shown = ""; ; wait = Math.min(wait * 1.5, 2_000)) {
      const reply = await this.client.callWithRetries(type.client, "GET", target, { deadline });
      if (reply.status >= 400) throw serviceError(type, "Get", `GET ${target}`, reply);
      const { status, percentComplete, resources } = reply.body as WorkRequest;
      const id = resources.find(({ entityType }) => entityType === type.entity)?.identifier ?? "";
      if (status === "SUCCEEDED") return { id };
      if (status === "FAILED" || status === "CANCELED") {
        const { body } = await this.client.call(type.client, "GET", `${target}/errors`);
        const messages = (body as { message: string }[]).map(({ message }) => message);
        const about = { workRequestId, entity: type.entity ?? "", action, id };
        return { id, error: workRequestError(type, about, messages) };
      }
      if (Date.now() > deadline) throw timeoutError(type, status);
      const progress = `${type.service}: ${status.toLowerCase()} ${percentComplete} %`;
      if (progress !== shown && wait > 1_000) log("info", (shown = progress), urn, true);
      // Even after a cancellation: OCI completes the work, and the state must know the result.
      await sleep(wait);
    }
  }
}

interface WorkRequest {
  status: string;
  percentComplete: number;
  resources: { entityType: string; identifier: string }[];
}

const deadlineOf = ({ minutes }: ResourceType, { timeoutSeconds }: Operation) =>
  Date.now() + (timeoutSeconds > 0 ? timeoutSeconds : minutes * 60) * 1000;

/** The live properties, completed by inputs that the API does not return. */
function completed(live: Properties, inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(live).map(([key, value]) => {
      const input = inputs[key];
      return [
        key,
        isObject(value) && isObject(input) ? { ...input, ...completed(value, input) } : value,
      ];
    }),
  );
}
