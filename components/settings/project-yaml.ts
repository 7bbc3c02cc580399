import { parseDocument, type ScalarTag } from "yaml";

import { isMapping } from "../resources/mapping.js";

/** Integers that only Go's parser knows: `010` is 8, `1_000` is 1000. https://pkg.go.dev/gopkg.in/yaml.v3 */
const goInteger: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(0[0-7_]+|[1-9]\d*(_\d+)+)$/,
  resolve: (text) => {
    const digits = text.replaceAll("_", "");
    const size = digits.replace(/^[-+]/, "");
    const value = parseInt(size, size.startsWith("0") ? 8 : 10);
    return digits.startsWith("-") ? -value : value;
  },
};

/**
 * The content of `Pulumi.yaml` or `Pulumi.<stack>.yaml` as the engine reads it, with merged keys (`<<`).
 *
 * @throws Error for what the engine refuses: invalid YAML, and a file or a `config` that is not a mapping.
 */
export function parseProjectYaml(text: string): Record<string, unknown> {
  const document = parseDocument(text, {
    merge: true,
    customTags: (tags) => [goInteger, ...tags],
  });
  const [broken] = document.errors;
  if (broken) throw broken;
  const content: unknown = document.toJS() ?? {};
  if (!isMapping(content)) throw new Error("expected a mapping with the key config");
  const { config } = content;
  if (config !== undefined && config !== null && !isMapping(config)) {
    throw new Error("config is not a mapping; expected keys such as oke-ambient-mesh:stage");
  }
  return content;
}
