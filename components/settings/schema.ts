import * as z from "zod";

import { charts } from "../mesh/names.js";
import { stages } from "./types.js";

/** Pulumi passes top-level values, and fractions set by `config set --path`, as strings. */
const numeric = (value: unknown) =>
  typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
const booleanWord = (value: unknown) =>
  value === "true" ? true : value === "false" ? false : value;

/** Pulumi takes an unquoted time for a YAML timestamp, and passes it as Go prints one: 2026-12-01 18:00:00 +0100 +0100. */
const isoTime = (value: unknown) =>
  typeof value === "string"
    ? value.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\S*) ([+-]\d\d)(\d\d) \S+$/, "$1T$2$3:$4")
    : value;

const number = (expected: string, min: number, max: number) =>
  z.preprocess(numeric, z.number(expected).min(min, expected).max(max, expected));
const integer = (expected: string, min: number, max: number) =>
  z.preprocess(numeric, z.int(expected).min(min, expected).max(max, expected));
const boolean = (expected: string) => z.preprocess(booleanWord, z.boolean(expected));
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `expected one of ${values.join(", ")}`);

/** Refuses numbers: YAML has already turned 8.10 into 8.1. */
const text = (expected: string, pattern = /\S/) =>
  z
    .string({
      error: ({ input }) =>
        typeof input === "number"
          ? `${expected} in quotes: a YAML number loses trailing zeros (8.10 becomes 8.1). \`pulumi config set --path\` adds the quotes`
          : expected,
    })
    .regex(pattern, expected);

const ocid = (kinds: string[], expected: string) =>
  z.string(expected).superRefine((value, context) => {
    const kind = /^ocid1\.([a-z0-9]+)\.[a-z0-9-]+\.[a-z0-9-]*\.\S+$/i.exec(value)?.[1];
    if (!kind) context.addIssue({ code: "custom", message: expected });
    else if (!kinds.includes(kind)) {
      context.addIssue({ code: "custom", message: `this is the OCID of a ${kind}; ${expected}` });
    }
  });

const cidr = (expected: string) => z.string(expected).regex(/^[\d.]+\/\d+$/, expected);
const object = z.record(z.string(), z.unknown(), "expected an object of Helm values");
const kubernetesExpected = 'expected a full version such as "v1.34.2"';

/** Every key of the configuration, with its only default and what is expected. */
export const schema = z.strictObject({
  cluster: oneOf(["oke", "existing"]).default("oke"),
  compartmentId: ocid(
    ["compartment", "tenancy"],
    "expected the OCID of a compartment, ocid1.compartment.oc1..…",
  ).optional(),
  kubernetesVersion: text(kubernetesExpected, /^v?1\.\d+\.\d+$/)
    .transform((version) => `v${version.replace(/^v/, "")}`)
    .optional(),
  clusterType: oneOf(["basic", "enhanced"]).default("basic"),
  network: z.strictObject({
    vcnCidr: cidr("expected a range such as 10.0.0.0/16").default("10.0.0.0/16"),
    apiAllowedCidrs: z
      .array(cidr("expected a range such as 203.0.113.7/32"), "expected a list of ranges")
      .default([]),
    apiOpenToAll: boolean("expected true or false").default(false),
  }),
  nodes: z.strictObject({
    os: text(
      'expected a release of Oracle Linux such as "7.9" or "8.10"',
      /^(7|8|9|10)\.\d+$/,
    ).default("7.9"),
    shape: text("expected a shape such as VM.Standard.E4.Flex", /^(VM|BM)\.[\w.-]+$/).default(
      "VM.Standard.E4.Flex",
    ),
    ocpus: number("expected a number of OCPUs, 1 or more", 1, 1024).default(2),
    memoryGb: number("expected gigabytes of memory, 1 or more", 1, 4096).default(16),
    count: integer("expected a whole number of workers, 1 to 1000", 1, 1000).default(1),
    bootVolumeGb: integer("expected whole gigabytes, 50 to 32768", 50, 32768).default(50),
    imageId: ocid(["image"], "expected the OCID of an image, ocid1.image.oc1.…").optional(),
  }),
  existing: z.strictObject({
    kubeconfig: text("expected a kubeconfig: its path or its text").optional(),
    context: text("expected the name of a context in the kubeconfig").optional(),
  }),
  gateway: z.strictObject({
    serviceType: oneOf(["LoadBalancer", "NodePort", "ClusterIP"]).default("LoadBalancer"),
  }),
  mesh: z.strictObject({
    version: text(
      'expected a release of Istio such as "1.31.1"',
      /^1\.\d+\.\d+(-[\w.]+)?$/,
    ).default("1.31.1"),
    chartRepository: text(
      "expected the URL of a Helm repository (https:// or oci://) or a folder with base, istiod, cni, ztunnel and gateway",
      /^(https?:\/\/\S+|oci:\/\/\S+|(?![a-z]+:\/\/)\S.*)$/,
    ).default("https://istio-release.storage.googleapis.com/charts"),
    imageHub: text(
      "expected a registry and a path without a tag, such as registry.istio.io/release",
      /^[\w-]+(\.[\w-]+)*(:\d+)?(\/[\w.-]+)+$/,
    ).default("registry.istio.io/release"),
    gatewayApi: text(
      "expected a version such as v1.6.0, existing, or a path or URL followed by #sha256=<64 hex digits>",
      /^(v\d+\.\d+\.\d+|existing|.+#sha256=[0-9a-f]{64})$/,
    ).default("v1.6.0"),
    platform: oneOf(["gke", "k3d", "k3s", "microk8s", "minikube", "openshift"]).optional(),
    helmValues: z
      .strictObject(
        Object.fromEntries(charts.map((chart) => [chart, object.optional()])) as Record<
          (typeof charts)[number],
          z.ZodOptional<typeof object>
        >,
      )
      .default({} as never),
  }),
  namespace: text(
    "expected the name of a namespace: at most 63 lowercase letters, digits and hyphens",
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
  ).default("default"),
  stage: oneOf(stages).default("traffic"),
  reviews: z.strictObject({
    v2Percent: integer("expected a whole percentage, 0 to 100", 0, 100).default(10),
  }),
  observability: boolean("expected true or false").default(false),
  load: integer(
    "expected whole requests a second, 0 to 50: more is a benchmark of the workers",
    0,
    50,
  ).default(0),
  expiresAt: z
    .preprocess(
      isoTime,
      z.iso.datetime({
        offset: true,
        error: "expected a time with its zone, such as 2026-12-01T18:00:00+01:00",
      }),
    )
    .optional(),
  verify: boolean("expected true or false").default(true),
  verifySettleSeconds: integer("expected whole seconds, 1 to 3600", 1, 3600).default(90),
});
