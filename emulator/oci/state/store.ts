import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

import { replaceFile } from "../../host/files.js";
import { region } from "../tenancy/identity.js";

/** A resource as OCI's API shows it. */
export interface Item extends Record<string, unknown> {
  id: string;
  compartmentId: string;
  lifecycleState: string;
  timeCreated: string;
}

/** A resource, its kind and its owner. */
export interface Stored {
  kind: string;
  /** OCID of the resource that this one is deleted with: a default route table's VCN, a VNIC's instance. */
  owner?: string;
  item: Item;
}

interface File {
  resources: Record<string, Stored>;
  documents: Record<string, unknown>;
}

/** The endpoint's state, in one file that is replaced as a whole by each change. */
export class Store {
  private readonly file: File;

  /** @param path the file, read if it exists; undefined keeps the state in memory. */
  constructor(private readonly path?: string) {
    this.file =
      path && existsSync(path)
        ? (JSON.parse(readFileSync(path, "utf8")) as File)
        : { resources: {}, documents: {} };
  }

  get(id: string): Stored | undefined {
    return this.file.resources[id];
  }

  put(stored: Stored): void {
    this.file.resources[stored.item.id] = stored;
    this.save();
  }

  /** Changes properties of a resource; does nothing if it does not exist. */
  patch(id: string, properties: Record<string, unknown>): void {
    const stored = this.get(id);
    if (!stored) return;
    Object.assign(stored.item, properties);
    this.save();
  }

  /** Removes a resource and all that it owns. */
  remove(id: string): void {
    delete this.file.resources[id];
    for (const { owner, item } of this.all()) if (owner === id) this.remove(item.id);
    this.save();
  }

  all(kind?: string): Stored[] {
    const every = Object.values(this.file.resources);
    return kind === undefined ? every : every.filter((stored) => stored.kind === kind);
  }

  /** A named document: work requests, offers, certificate authorities. */
  document<T>(name: string): T | undefined {
    return this.file.documents[name] as T | undefined;
  }

  keep(name: string, document: unknown): void {
    this.file.documents[name] = document;
    this.save();
  }

  private save(): void {
    if (!this.path) return;
    replaceFile(this.path, JSON.stringify(this.file, null, 1));
  }
}

/** A new OCID: `ocid1.vcn.oc1.eu-frankfurt-1.<60 characters>`. */
export function newOcid(kind: string): string {
  const unique = [...randomBytes(52)].map((byte) => alphabet[byte % alphabet.length]).join("");
  return `ocid1.${kind}.oc1.${region}.aaaaaaaa${unique}`;
}
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
