import * as pulumi from "@pulumi/pulumi";

import { secretTexts } from "./secret-texts.js";

// Pulumi decrypts a configuration before it starts the program, and tells only which keys hold a secret, not which of
// their fields (https://github.com/pulumi/pulumi/blob/v3.248.0/sdk/nodejs/runtime/config.ts). So every text in such a
// key counts as one.

/** Whether a key of the configuration, with its namespace, holds a secret. */
export const isSecretKey = (key: string): boolean =>
  // The SDK exports it without a type.
  (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key);

/** A value of the same shape, in which each text that contains an encrypted value is a secret. */
export function sealed<T>(value: T): T {
  const texts = configuredSecrets();
  return texts.length === 0 ? value : (seal(value, texts) as T);
}

/** Makes every resource that is registered from now on keep the configuration's secrets. */
export function sealRegistrations(): void {
  const texts = configuredSecrets();
  if (texts.length === 0) return;
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => ({
    props: seal(props, texts) as pulumi.Inputs,
    opts: withSecretOutputs(type, opts),
  }));
}

// The engine keeps an output secret if the input of the same name is one.
const repeated: Record<string, { key: string; outputs: string[] }> = {
  "oci:Core/vcn:Vcn": { key: "network", outputs: ["cidrBlock"] },
  "oci:ContainerEngine/nodePool:NodePool": {
    key: "nodes",
    outputs: ["nodeImageId", "nodeImageName", "nodeSources", "nodes"],
  },
};

/** Options by which outputs stay secret in which a provider repeats an encrypted setting under another name. */
function withSecretOutputs(type: string, opts: pulumi.ResourceOptions): pulumi.ResourceOptions {
  const { key, outputs } = repeated[type] ?? {};
  if (!key || !isSecretKey(`${pulumi.getProject()}:${key}`)) return opts;
  return pulumi.mergeOptions(opts, { additionalSecretOutputs: outputs });
}

function configuredSecrets(): string[] {
  const config = pulumi.runtime.allConfig() as Record<string, string>;
  return Object.entries(config).flatMap(([key, value]) =>
    isSecretKey(key) ? secretTexts(value) : [],
  );
}

function seal(value: unknown, texts: string[]): unknown {
  if (typeof value === "string") return holds(value, texts) ? pulumi.secret(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.Output.isInstance(value)) {
    return value.apply((known: unknown) => (holds(known, texts) ? pulumi.secret(known) : known));
  }
  if (value instanceof Promise) return seal(pulumi.output(value as Promise<unknown>), texts);
  if (Array.isArray(value)) return value.map((each) => seal(each, texts));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, seal(each, texts)]));
}

function holds(value: unknown, texts: string[]): boolean {
  if (typeof value === "string") return texts.some((text) => value.includes(text));
  if (Array.isArray(value)) return value.some((each) => holds(each, texts));
  return isPlain(value) && Object.values(value).some((each) => holds(each, texts));
}

/** Not a resource or an asset, which have classes of their own. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
