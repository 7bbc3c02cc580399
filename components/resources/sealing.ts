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
  return texts.length === 0 ? value : (seal(value, (known) => holds(known, texts)) as T);
}

/** Properties by type of resource. */
export type SealedProperties = Record<string, { inputs: string[]; outputs: string[] }>;

/** More than the texts in the configuration, for the program that runs. */
let derived: readonly string[] = [];

/**
 * Makes every resource that is registered from now on keep the configuration's secrets.
 *
 * @param properties those that are secret whatever they contain.
 * @param texts that follow from an encrypted value, such as the subnets' ranges. Default: none.
 */
export function sealRegistrations(
  properties: SealedProperties = {},
  texts: readonly string[] = [],
): void {
  derived = texts;
  const secrets = configuredSecrets();
  const hasSecret = (value: unknown) => holds(value, secrets);
  if (secrets.length === 0 && Object.keys(properties).length === 0) return;
  pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
    const { inputs = [], outputs = [] } = properties[type] ?? {};
    return {
      props: Object.fromEntries(
        Object.entries(props as pulumi.Inputs).map(([key, value]) => [
          key,
          seal(value, inputs.includes(key) ? isValue : hasSecret),
        ]),
      ),
      // The engine keeps an output secret if the input of the same name is one.
      opts:
        outputs.length > 0 ? pulumi.mergeOptions(opts, { additionalSecretOutputs: outputs }) : opts,
    };
  });
}

function configuredSecrets(): string[] {
  const config = pulumi.runtime.allConfig() as Record<string, string>;
  const texts = Object.entries(config).flatMap(([key, value]) =>
    isSecretKey(key) ? secretTexts(value) : [],
  );
  return [...texts, ...derived];
}

/** @param isSecret also asked about the objects that outputs contain. */
function seal(value: unknown, isSecret: (value: unknown) => boolean): unknown {
  if (typeof value !== "object" || value === null) {
    return isSecret(value) ? pulumi.secret(value) : value;
  }
  if (pulumi.Output.isInstance(value)) {
    return value.apply((known: unknown) => (isSecret(known) ? pulumi.secret(known) : known));
  }
  if (value instanceof Promise) return seal(pulumi.output(value as Promise<unknown>), isSecret);
  if (Array.isArray(value)) return value.map((each) => seal(each, isSecret));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, seal(each, isSecret)]),
  );
}

/** Nothing stays nothing: a secret `undefined` is sent as `null`. */
const isValue = (value: unknown) => value !== undefined && value !== null;

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
