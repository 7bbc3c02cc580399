import type * as resources from "@pulumi/pulumi/proto/resource_pb.js";
import type * as engines from "@pulumi/pulumi/proto/engine_pb.js";

import { answer, NoAnswer } from "./tenancy.js";
import type { Invokes } from "./tenancy.js";
import { placeholderOutputs } from "./outputs.js";
import type { Registration } from "./registration.js";
import { decode, wireSecret } from "./wire.js";

type Callback = (error: Error | null, response?: unknown) => void;

interface Options {
  project: string;
  stack: string;
  invokes?: Invokes;
  outputs?: Record<string, Record<string, unknown>>;
}

/** What the runtime reads of a protobuf struct. */
const struct = (properties: Record<string, unknown>) => ({ toJavaScript: () => properties });

/**
 * Replaces the engine's resource monitor for an empty stack: records each request and answers with its inputs, an ID, and
 * placeholder outputs. The runtime's own `MockMonitor` keeps no parents, dependencies, or options, and its URNs contain
 * the stack as a parent, unlike the engine's.
 */
export class Monitor {
  readonly registrations: Registration[] = [];
  readonly messages: string[] = [];
  readonly failures: Error[] = [];
  stackOutputs: Record<string, unknown> = {};

  readonly #options: Options;
  readonly #byUrn = new Map<string, Registration>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** The engine's logging and root-resource service. */
  readonly engine = {
    log: (request: engines.LogRequest, done: Callback) => {
      const severity = ["debug", "info", "warning", "error"][request.getSeverity()];
      const message = `${severity}: ${request.getMessage()}`;
      if (severity === "error") this.failures.push(new Error(request.getMessage()));
      if (severity === "warning" || (severity === "info" && !request.getEphemeral())) {
        this.messages.push(message);
      }
      done(null, {});
    },
    setRootResource: (_request: unknown, done: Callback) => done(null, {}),
    close: () => {},
  };

  supportsFeature(request: resources.SupportsFeatureRequest, done: Callback) {
    // The program uses no resource references, transforms, hooks, or parameterization, which would need more than this
    // monitor.
    const supported = ["secrets", "deletedWith", "replaceWith", "aliasSpecs"];
    done(null, { getHassupport: () => supported.includes(request.getId()) });
  }

  registerResource(request: resources.RegisterResourceRequest, done: Callback) {
    const type = request.getType();
    const name = request.getName();
    const urn = this.#urn(request.getParent(), type, name);
    const wire = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
    // Children inherit these in the engine: pulumi/pkg/resource/deploy/source_eval.go, inheritFromParent.
    const parent = this.#byUrn.get(request.getParent());
    if (type !== "pulumi:pulumi:Stack") {
      // `record` throws it: an error here would become an unhandled rejection.
      if (this.#byUrn.has(urn)) {
        this.failures.push(new Error(`Two resources have the URN ${urn}. Rename one of them.`));
      }
      this.#add({
        ...this.#common(urn, request, wire),
        custom: request.getCustom(),
        read: false,
        propertyDependencies: Object.fromEntries(
          [...request.getPropertydependenciesMap().entries()]
            .map(([property, list]) => [property, list.getUrnsList()] as const)
            .filter(([, urns]) => urns.length > 0),
        ),
        deletedWith: request.getDeletedwith() || parent?.deletedWith,
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        hideDiffs: request.getHidediffsList(),
        protect: request.getProtect() ?? parent?.protect ?? false,
        retainOnDelete: request.getRetainondelete() ?? parent?.retainOnDelete ?? false,
        deleteBeforeReplace: request.getDeletebeforereplace(),
        customTimeouts: timeouts(request.getCustomtimeouts()),
        import: request.getImportid() || undefined,
      });
    }
    const state = this.#state(urn, wire);
    done(null, {
      getUrn: () => urn,
      getId: () => (request.getCustom() ? `<${name}.id>` : ""),
      getObject: () => struct(state),
      getPropertydependenciesMap: () => undefined,
      getResult: () => 0,
    });
  }

  readResource(request: resources.ReadResourceRequest, done: Callback) {
    const urn = this.#urn(request.getParent(), request.getType(), request.getName());
    const wire = (request.getProperties()?.toJavaScript() ?? {}) as Record<string, unknown>;
    this.#add({
      ...this.#common(urn, request, wire),
      custom: true,
      read: true,
      propertyDependencies: {},
      ignoreChanges: [],
      replaceOnChanges: [],
      hideDiffs: [],
      protect: false,
      retainOnDelete: false,
      deleteBeforeReplace: false,
      customTimeouts: {},
      import: request.getId(),
    });
    const state = this.#state(urn, wire);
    done(null, { getUrn: () => urn, getProperties: () => struct(state) });
  }

  registerResourceOutputs(request: resources.RegisterResourceOutputsRequest, done: Callback) {
    const outputs = decode(request.getOutputs()?.toJavaScript()).value;
    const registration = this.#byUrn.get(request.getUrn());
    if (registration) registration.outputs = outputs;
    else this.stackOutputs = outputs;
    done(null, {});
  }

  invoke(request: resources.ResourceInvokeRequest, done: Callback) {
    const args = (request.getArgs()?.toJavaScript() ?? {}) as Record<string, unknown>;
    try {
      const result = answer(request.getTok(), args, this.#options.invokes ?? {});
      done(null, { getFailuresList: () => [], getReturn: () => struct(result) });
    } catch (error) {
      // The runtime reads an invoke's error from its gRPC `details`.
      const { message } = error as Error;
      if (error instanceof NoAnswer) this.failures.push(error);
      done(Object.assign(new Error(message), { details: message }));
    }
  }

  close() {}

  #common(
    urn: string,
    request: resources.RegisterResourceRequest | resources.ReadResourceRequest,
    wire: Record<string, unknown>,
  ) {
    const { value: inputs, secrets } = decode(wire);
    const provider = request.getProvider();
    return {
      urn,
      name: request.getName(),
      type: request.getType(),
      parent: this.#isStack(request.getParent()) ? undefined : request.getParent(),
      dependencies: request.getDependenciesList(),
      // A provider reference is its URN and its ID.
      provider: provider ? provider.slice(0, provider.lastIndexOf("::")) : undefined,
      inputs,
      secrets,
      outputs: {},
      additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    };
  }

  #add(registration: Registration) {
    this.registrations.push(registration);
    this.#byUrn.set(registration.urn, registration);
  }

  #state(urn: string, wire: Record<string, unknown>): Record<string, unknown> {
    const registration = this.#byUrn.get(urn);
    if (!registration?.custom) return wire;
    const named = this.#options.outputs?.[registration.name] ?? {};
    const state = { ...wire, ...placeholderOutputs(registration), ...named };
    for (const property of registration.additionalSecretOutputs) {
      if (property in state) state[property] = wireSecret(state[property]);
    }
    return state;
  }

  /** A URN as the engine builds it: with the types of all parents except the stack. */
  #urn(parent: string, type: string, name: string): string {
    const { stack, project } = this.#options;
    const prefix = this.#isStack(parent) ? "" : `${parent.split("::")[2]}$`;
    return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
  }

  #isStack(urn: string): boolean {
    return urn === "" || urn.includes("::pulumi:pulumi:Stack::");
  }
}

function timeouts(
  given: resources.RegisterResourceRequest.CustomTimeouts | undefined,
): Registration["customTimeouts"] {
  const all = {
    create: given?.getCreate(),
    update: given?.getUpdate(),
    delete: given?.getDelete(),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value));
}
