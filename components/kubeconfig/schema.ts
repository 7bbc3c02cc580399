import * as z from "zod";

// The fields of a kubeconfig: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
// As in kubectl, null is an absent field, and an unknown field is ignored.

const optional = <T extends z.ZodType>(type: T) =>
  type.nullish().transform((value) => value ?? undefined);
const text = optional(z.string());
/** kubectl reads YAML 1.1, in which `yes` and `on` are booleans. */
const flag = optional(
  z.preprocess((value) => {
    const word = typeof value === "string" ? value.toLowerCase() : "";
    return ["y", "yes", "on"].includes(word)
      ? true
      : ["n", "no", "off"].includes(word)
        ? false
        : value;
  }, z.boolean()),
);
const list = <T extends z.ZodType>(type: T) =>
  z
    .array(type)
    .nullish()
    .transform((value) => value ?? []);

const extensions = list(z.object({ name: z.string(), extension: z.unknown() }));

export const clusterSchema = z.object({
  server: text,
  "tls-server-name": text,
  "insecure-skip-tls-verify": flag,
  "certificate-authority": text,
  "certificate-authority-data": text,
  "proxy-url": text,
  extensions,
});

const exec = z.object({
  command: text,
  args: list(z.string()),
  env: list(z.object({ name: z.string(), value: text.transform((value) => value ?? "") })),
  apiVersion: text,
  installHint: text,
  provideClusterInfo: flag,
  interactiveMode: text,
});

export const userSchema = z.object({
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  token: text,
  tokenFile: text,
  as: text,
  "as-uid": text,
  "as-groups": list(z.string()),
  "as-user-extra": optional(z.record(z.string(), list(z.string()))),
  username: text,
  password: text,
  "auth-provider": optional(
    z.object({ name: z.string(), config: optional(z.record(z.string(), z.string())) }),
  ),
  exec: optional(exec),
});

const context = z.object({ cluster: text, user: text, namespace: text });

const named = <K extends string, T extends z.ZodType>(key: K, type: T) =>
  list(z.object({ name: z.string(), [key]: type } as { name: z.ZodString } & Record<K, T>));
const entry = <T extends z.ZodType>(type: T) => z.preprocess((value) => value ?? {}, type);

export const kubeconfigSchema = z.object({
  apiVersion: optional(z.literal("v1")),
  kind: optional(z.literal("Config")),
  "current-context": text,
  clusters: named("cluster", entry(clusterSchema)),
  users: named("user", entry(userSchema)),
  contexts: named("context", entry(context)),
});

export type ClusterEntry = z.output<typeof clusterSchema>;
export type UserEntry = z.output<typeof userSchema>;
export type ExecEntry = z.output<typeof exec>;
export type ContextEntry = z.output<typeof context>;
