import { readFileSync } from "node:fs";

import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import * as z from "zod";

import { parseSettings } from "../../../components/settings/settings.js";
import { schema } from "../../../components/settings/schema.js";

interface Declaration {
  type: string;
  default: unknown;
  description: string;
}

const file = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
const declared = (parse(file("Pulumi.yaml")) as { config: Record<string, Declaration> }).config;
const shape = schema.shape as Record<string, z.ZodType>;
const fallback = (field: z.ZodType) => {
  const { success, data } = field.safeParse(undefined);
  return success ? data : undefined;
};

describe("Pulumi.yaml", () => {
  test("declares exactly the schema's keys", () => {
    expect(Object.keys(declared).sort()).toEqual(Object.keys(shape).sort());
  });

  test.each(Object.keys(shape))("%s has its type, its default and a description", (key) => {
    const field = shape[key] as z.ZodType;
    const declaration = declared[key];
    expect(declaration?.description).toMatch(/\S.*\.$/s);
    if (field instanceof z.ZodObject) {
      // A default in Pulumi.yaml would hide the fields' defaults.
      expect([declaration?.type, declaration?.default]).toEqual(["object", {}]);
      for (const [name, inner] of Object.entries(field.shape as Record<string, z.ZodType>)) {
        expect(declaration?.description).toContain(name);
        const value = fallback(inner);
        if (["string", "number", "boolean"].includes(typeof value)) {
          expect(declaration?.description.replace(/\s+/g, " ")).toContain(String(value));
        }
      }
    } else {
      expect(declaration?.default).toBe(fallback(field) ?? "");
    }
  });

  test("alone is sufficient for an existing cluster, but not for OKE", () => {
    const defaults = Object.fromEntries(
      Object.entries(declared).map(([key, { default: value }]) => [key, value]),
    );
    expect(() => parseSettings(defaults)).toThrow(/compartmentId is not set/);
    expect(parseSettings({ ...defaults, cluster: "existing" }).stage).toBe("traffic");
  });
});

describe("the table in docs/settings.md", () => {
  const rows = file("docs/settings.md")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const codes = (cell = "") => [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code);
  const documented = new Map<string | undefined, string | undefined>(
    rows.flatMap(([, keys, defaults]) => {
      // "none, required on `oke`" is not a default.
      const values = defaults?.startsWith("`") ? codes(defaults) : [];
      return codes(keys).map((key, at) => [key, values[at]] as const);
    }),
  );
  /** The path of each field for `pulumi config set --path`: `network.vcnCidr`, … */
  const fields = Object.entries(shape).flatMap(([key, field]): [string, z.ZodType][] =>
    field instanceof z.ZodObject
      ? Object.entries(field.shape as Record<string, z.ZodType>).map(([name, inner]) => [
          `${key}.${name}`,
          inner,
        ])
      : [[key, field]],
  );

  test("has exactly the schema's keys", () => {
    const keys = fields.map(([key]) => (key === "mesh.helmValues" ? `${key}.<chart>` : key));
    expect([...documented.keys()].sort()).toEqual(keys.sort());
  });

  test.each(fields.filter(([, field]) => typeof fallback(field) !== "object"))(
    "has the default of %s",
    (key, field) => {
      const value = fallback(field);
      const words = documented.get(key)?.replaceAll('"', "");
      expect(words).toBe(value === undefined ? undefined : String(value));
    },
  );
});

describe("the stack files", () => {
  const settings = (stack: string, more: Record<string, unknown> = {}) => {
    const { config } = parse(file(`Pulumi.${stack}.yaml`)) as { config: Record<string, unknown> };
    const own = Object.entries(config).map(([key, value]) => [key.split(":")[1], value]);
    return parseSettings({ ...Object.fromEntries(own), ...more });
  };

  test("dev is the walk-through's cluster without compartment and allowed ranges", () => {
    expect(() => settings("dev")).toThrow(/2 problems.*compartmentId.*apiAllowedCidrs/s);
    const { cluster, nodes } = settings("dev", {
      compartmentId: "ocid1.compartment.oc1..a",
      network: { apiAllowedCidrs: ["203.0.113.7/32"] },
    });
    expect({ cluster, ...nodes }).toMatchObject({
      cluster: "oke",
      os: "7.9",
      shape: "VM.Standard.E4.Flex",
      ocpus: 2,
      memoryGb: 16,
      count: 1,
    });
  });

  test("local is an existing cluster, which need not have load balancers", () => {
    expect(settings("local")).toMatchObject({
      cluster: "existing",
      gateway: { serviceType: "NodePort" },
    });
  });
});
