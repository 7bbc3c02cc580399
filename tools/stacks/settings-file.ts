import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { type Document, isMap, isSeq, parseDocument } from "yaml";

import {
  ownKeys,
  project,
  type Stage,
  stages,
  qualified,
} from "../../components/settings/types.js";
import { ToolError } from "../command-line/errors.js";
import { root } from "../paths.js";
import { type PropertyPath, renderPath } from "./property-path.js";

/** The name of the Pulumi stack that a sandbox is. */
export function stackName(name: string): string {
  return name === "sandbox" ? name : `sandbox-${name}`;
}

/** The stack's settings file, where a person's own `pulumi` looks for it too. */
export function stackFile(name: string): string {
  return join(root, `Pulumi.${stackName(name)}.yaml`);
}

/** A value of the program's configuration and its path, for example `["nodes", "ocpus"]`. */
export type Assignment = [path: PropertyPath, value: unknown];

/** A stack's settings file, as a document that keeps comments and unknown keys. */
export class SettingsFile {
  private constructor(
    private readonly file: string,
    private readonly document: Document,
  ) {}

  static read(name: string): SettingsFile {
    return SettingsFile.of(stackFile(name));
  }

  /** The settings in a file; empty if there is no file. */
  static of(file: string): SettingsFile {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const document = parseDocument(text.trim() === "" ? "config: {}\n" : text);
    if (isMap(document.contents) && (document.get("config") ?? null) === null) {
      document.set("config", document.createNode({}));
    }
    const config = document.get("config");
    // An empty map would otherwise stay on one line when it is filled.
    if (isMap(config)) config.flow = false;
    if (document.errors.length > 0 || !isMap(document.contents)) {
      throw new ToolError(
        `${file} cannot be read as YAML: ${document.errors[0]?.message ?? "it is not a map"}\n` +
          "Correct it, or remove it to start from the defaults.",
      );
    }
    return new SettingsFile(file, document);
  }

  /**
   * Sets a value of the program's configuration; `unless set` keeps an existing value.
   *
   * @throws ToolError for a field of a value that has no fields.
   */
  set([keys, value]: Assignment, unless?: "unless set"): void {
    const path = this.inFile(keys);
    if (unless === "unless set" && this.document.hasIn(path)) return;
    try {
      this.document.setIn(path, this.document.createNode(value));
    } catch {
      throw new ToolError(this.whyNot(keys));
    }
  }

  /** Removes a value of the program's configuration, if it is set. */
  remove(keys: PropertyPath): void {
    if (this.document.hasIn(this.inFile(keys))) this.document.deleteIn(this.inFile(keys));
  }

  /**
   * Removes every encrypted value and the key that encrypted it.
   *
   * @returns their paths, as a person types them: `mesh.helmValues.istiod.env.TOKEN`.
   */
  dropEncrypted(): string[] {
    // https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/
    for (const by of ["secretsprovider", "encryptedkey", "encryptionsalt"]) {
      this.document.delete(by);
    }
    const found = encryptedIn(this.document.toJS(), []);
    for (const path of found) this.document.deleteIn(path);
    const own = `${project}:`;
    return found.map(([, key, ...rest]) => {
      const name = String(key);
      return renderPath([name.startsWith(own) ? name.slice(own.length) : name, ...rest]);
    });
  }

  /** The program's configuration, by top-level key. */
  get values(): Record<string, unknown> {
    const { config } = this.document.toJS() as { config?: Record<string, unknown> | null };
    return ownKeys(qualified(config));
  }

  get stage(): Stage {
    const stage = this.document.getIn(this.inFile(["stage"])) as Stage | undefined;
    return stage && stages.includes(stage) ? stage : "traffic";
  }

  /** Whether the program verifies the deployment: yes, unless it is configured not to. */
  get verifies(): boolean {
    return this.document.getIn(this.inFile(["verify"])) !== false;
  }

  /** Where a value is, in the spelling that the file has for its key. */
  private inFile([key, ...rest]: PropertyPath): PropertyPath {
    const spellings = [`${project}:${key}`, `${project}:config:${key}`, `${key}`];
    const found = spellings.find((name) => this.document.hasIn(["config", name]));
    return ["config", found ?? `${project}:${key}`, ...rest];
  }

  private whyNot(keys: PropertyPath): string {
    const parents = keys.map((_, length) => keys.slice(0, length));
    const parent = parents.findLast((at) => this.document.hasIn(this.inFile(at))) ?? [];
    const list = isSeq(this.document.getIn(this.inFile(parent)));
    const what = list
      ? `a list, with elements such as ${renderPath([...parent, 0])}`
      : "one value, without fields";
    const name = renderPath(parent) || "config";
    return `${renderPath(keys)} cannot be set: in ${basename(this.file)} ${name} is ${what}.`;
  }

  toString(): string {
    return this.document.toString();
  }

  save(): void {
    const text = this.toString();
    if (!existsSync(this.file) || readFileSync(this.file, "utf8") !== text) {
      writeFileSync(this.file, text);
    }
  }
}

/** Paths of `{ secure: … }`, last ones first, so that removing one does not move another. */
function encryptedIn(value: unknown, at: PropertyPath): PropertyPath[] {
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "secure" && typeof only[1] === "string") return [at];
  const isList = Array.isArray(value);
  return entries
    .reverse()
    .flatMap(([key, one]) => encryptedIn(one, [...at, isList ? Number(key) : key]));
}
