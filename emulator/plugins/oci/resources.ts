import { setTimeout as sleep } from "node:timers/promises";

import { InitializationError, log } from "../server.js";
import { isObject, type Properties } from "../values.js";
import type { Client, Reply } from "./client.js";
import { ownDefault } from "./diff.js";
import { fromApi, toApi } from "./mapping.js";
import { serviceError, timeoutError, workRequestError } from "./messages.js";
import type { ResourceType } from "./types.js";

/** A resource after an operation: its id and the provider's outputs. */
export interface Made {
  id: string;
  state: Properties;
}

/** Where an operation belongs, and how long it may take (0: the provider's own time). */
export interface Operation {
  urn: string;
  timeoutSeconds: number;
}

/** Creates, reads, changes and deletes resources through OCI's API. */
export class Resources {
  constructor(private readonly client: Client) {}

  async create(type: ResourceType, inputs: Properties, operation: Operation): Promise<Made> {
    const deadline = deadlineOf(type, operation);
    const reply = await this.insist(type, "Create", "POST", type.path, {
      body: toApi(inputs),
      deadline,
    });
    if (!type.entity) {
      const item = reply.body as Properties;
      return this.created(type, String(item["id"]), inputs, deadline);
    }
    const { id, error } = await this.follow(type, reply, "CREATED", operation, deadline);
    if (!error) return this.created(type, id, inputs, deadline);
    // The provider leaves nothing behind that Pulumi's state would not know.
    await this.delete(type, id, operation).catch((reason: unknown) =>
      log("warning", `${id} is left behind: ${String(reason)}`, operation.urn),
    );
    throw error;
  }

  /** Undefined where it is gone. */
  async read(
    type: ResourceType,
    id: string,
    inputs: Properties,
    deadline = Date.now() + type.minutes * 60_000,
  ): Promise<Made | undefined> {
    const target = `${type.path}/${encodeURIComponent(id)}`;
    const reply = await this.client.insist(type.client, "GET", target, { deadline });
    if (reply.status === 404) return undefined;
    if (reply.status >= 400) throw serviceError(type, "Get", `GET ${target}`, reply);
    const state = fromApi(reply.body as Properties);
    if (["DELETED", "TERMINATED"].includes(String(state["state"]))) return undefined;
    return { id, state: { ...inputs, ...filled(state, inputs) } };
  }

  async update(
    type: ResourceType,
    id: string,
    { olds, news }: { olds: Properties; news: Properties },
    operation: Operation,
  ): Promise<Properties> {
    const deadline = deadlineOf(type, operation);
    // Of what is no longer given only the lists that are empty by default are set back.
    const gone = ownDefault.filter((key) => key in olds && !(key in news));
    const body = toApi({ ...Object.fromEntries(gone.map((key) => [key, []])), ...news });
    const target = `${type.path}/${encodeURIComponent(id)}`;
    const reply = await this.insist(type, "Update", "PUT", target, { body, deadline });
    if (type.entity) {
      const { error } = await this.follow(type, reply, "UPDATED", operation, deadline);
      if (error) throw error;
    }
    return (await this.made(type, id, news, deadline)).state;
  }

  /** A resource that is gone already is no error. */
  async delete(type: ResourceType, id: string, operation: Operation): Promise<void> {
    const deadline = deadlineOf(type, operation);
    const target = `${type.path}/${encodeURIComponent(id)}`;
    const reply = await this.client.insist(type.client, "DELETE", target, { deadline });
    if (reply.status === 404) return;
    if (reply.status >= 400) throw serviceError(type, "Delete", `DELETE ${target}`, reply);
    if (!type.entity) return;
    const { error } = await this.follow(type, reply, "DELETED", operation, deadline);
    if (error) throw error;
  }

  /** It is made, whatever comes after: the engine keeps it, and the next `up` goes on with it. */
  private async created(
    type: ResourceType,
    id: string,
    inputs: Properties,
    deadline: number,
  ): Promise<Made> {
    try {
      return await this.made(type, id, inputs, deadline);
    } catch (error) {
      throw new InitializationError(id, inputs, [(error as Error).message]);
    }
  }

  private async made(
    type: ResourceType,
    id: string,
    inputs: Properties,
    deadline: number,
  ): Promise<Made> {
    const made = await this.read(type, id, inputs, deadline);
    if (!made) throw new Error(`${type.service} ${id} disappeared while it was made`);
    return made;
  }

  private async insist(
    type: ResourceType,
    verb: string,
    method: string,
    target: string,
    request: { body: Properties; deadline: number },
  ): Promise<Reply> {
    const reply = await this.client.insist(type.client, method, target, request);
    if (reply.status >= 400) throw serviceError(type, verb, `${method} ${target}`, reply);
    return reply;
  }

  /** Waits for the end of work that was accepted. */
  private async follow(
    type: ResourceType,
    { workRequestId = "" }: Reply,
    action: string,
    { urn }: Operation,
    deadline: number,
  ): Promise<{ id: string; error?: Error }> {
    const target = `/20180222/workRequests/${encodeURIComponent(workRequestId)}`;
    for (let wait = 100, said = ""; ; wait = Math.min(wait * 1.5, 2_000)) {
      const reply = await this.client.insist(type.client, "GET", target, { deadline });
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
      if (progress !== said && wait > 1_000) log("info", (said = progress), urn, true);
      // Also after Ctrl-C: what OCI has begun it goes on with, and nobody would know of it.
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

/** What the API does not echo stays as it was given. */
function filled(live: Properties, inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(live).map(([key, value]) => {
      const input = inputs[key];
      return [
        key,
        isObject(value) && isObject(input) ? { ...input, ...filled(value, input) } : value,
      ];
    }),
  );
}
