import { parseAllDocuments } from "yaml";

import type { Properties } from "../server.js";
import { helm } from "./helm.js";

/** What the SDK sends as JSON: sdk/nodejs/helm/v3/helm.ts in pulumi-kubernetes. */
interface Options {
  release_name: string;
  namespace?: string;
  /** A folder; else `chart` names one in a repository. */
  path?: string;
  chart?: string;
  version?: string;
  fetch_opts?: { repo?: string };
  values?: Properties;
}

/**
 * The function `kubernetes:helm:template`: a chart's objects as Helm renders them without a cluster.
 *
 * @throws Error with helm's own reason, or about an option that is not offered
 */
export async function template(args: Properties): Promise<Properties> {
  const given = JSON.parse(String(args["jsonOpts"])) as Options & Record<string, unknown>;
  const { release_name, namespace, path, chart, version, fetch_opts, values, ...others } = given;
  const unknownOption = Object.keys(others)[0];
  if (unknownOption) throw new Error(`option ${unknownOption} is not offered by this stand-in`);
  const name = path ?? chart;
  if (!name) throw new Error("neither path nor chart is given");
  const options = ["--include-crds"];
  if (fetch_opts?.repo) options.push("--repo", fetch_opts.repo);
  if (version) options.push("--version", version);
  const text = await helm(["template", release_name, name, ...options], {
    namespace,
    values: values ?? {},
  });
  const objects = parseAllDocuments(text).map((document): unknown => document.toJS());
  return { result: objects.filter((object) => object !== null && object !== undefined) };
}
