import { mayUse } from "../tenancy/identity.js";
import { conflict, invalid, missing, notFound } from "../state/errors.js";
import { type Kind, kinds } from "./kinds.js";
import { type Item, newOcid, type Store } from "../state/store.js";

type Body = Record<string, unknown>;

const kindOf = (name: string): Kind => {
  const kind = kinds.find((candidate) => candidate.kind === name);
  if (!kind) throw new Error(`no kind ${name}`);
  return kind;
};

/** Creates, updates and deletes resources according to {@link kinds}. */
export class Resources {
  constructor(private readonly store: Store) {}

  /**
   * @param owner OCID of the resource that it is deleted with.
   * @throws OciError 400 for a missing or invalid property, 404 for a reference to a resource that does not exist.
   */
  create(name: string, body: Body, owner?: string): Item {
    const kind = kindOf(name);
    for (const property of ["compartmentId", ...kind.required]) {
      if (body[property] === undefined) throw missing(property);
    }
    if (!mayUse(body["compartmentId"])) throw notFound();
    const id = newOcid(name);
    const about = { id, lifecycleState: "AVAILABLE", timeCreated: new Date().toISOString() };
    const sent = { freeformTags: {}, definedTags: {}, ...body, ...about } as unknown as Item;
    this.checkReferences(kind, sent);
    const displayName = `${name}${id.slice(-8)}`;
    const item: Item = { displayName, ...kind.defaults?.(sent, this.store), ...sent };
    const reason = kind.validate?.(item, this.store);
    if (reason) throw invalid(reason);
    this.store.put({ kind: name, item, ...(owner && { owner }) });
    for (const companion of kind.companions ?? []) {
      const inside = { compartmentId: item.compartmentId, vcnId: id };
      const title = kindOf(companion.kind).title;
      const displayName = `Default ${title} for ${String(item["displayName"])}`;
      const { id: companionId } = this.create(
        companion.kind,
        { ...companion.item, ...inside, displayName },
        id,
      );
      this.store.patch(id, { [companion.as]: companionId });
    }
    return this.get(name, id);
  }

  /** @throws OciError 404 */
  get(name: string, id: string): Item {
    const stored = this.store.get(id);
    if (stored?.kind !== name) throw notFound();
    return stored.item;
  }

  /** The resources whose properties equal all the query's parameters. */
  list(name: string, query: Record<string, string>): Item[] {
    const wanted = { ...query };
    for (const paging of ["limit", "page", "sortBy", "sortOrder"]) delete wanted[paging];
    const isUnscoped = ["compartmentId", "subnetId", "vcnId"].every(
      (key) => wanted[key] === undefined,
    );
    if (isUnscoped) throw missing("compartmentId");
    if (wanted["compartmentId"] !== undefined && !mayUse(wanted["compartmentId"])) throw notFound();
    return this.store
      .all(name)
      .map(({ item }) => item)
      .filter((item) => Object.entries(wanted).every(([key, value]) => item[key] === value));
  }

  update(name: string, id: string, body: Body): Item {
    const kind = kindOf(name);
    const item = this.get(name, id);
    const changeable = ["displayName", "freeformTags", "definedTags", ...(kind.updatable ?? [])];
    const changes = Object.fromEntries(
      Object.entries(body).filter(([key]) => changeable.includes(key)),
    );
    const changed: Item = { ...item, ...changes };
    this.checkReferences(kind, changed);
    const reason = kind.validate?.(changed, this.store);
    if (reason) throw invalid(reason);
    this.store.patch(id, changes);
    return this.get(name, id);
  }

  /** @throws OciError 409 while another resource references it, or if it belongs to another resource. */
  delete(name: string, id: string): void {
    const { title } = kindOf(name);
    this.get(name, id);
    const { owner } = this.store.get(id) ?? {};
    if (owner) throw conflict(`The ${title} ${id} belongs to ${owner} and is deleted with it.`);
    const referrer = this.referrer(id);
    if (referrer) {
      const word = kindOf(referrer.kind).title;
      throw conflict(
        `The ${title} ${id} references the ${word} ${referrer.item.id}. You must remove the reference to proceed with this operation.`,
      );
    }
    this.store.remove(id);
  }

  private referrer(id: string) {
    return this.store
      .all()
      .find(
        ({ kind, owner, item }) =>
          owner !== id &&
          item.id !== id &&
          kinds.some((known) => known.kind === kind) &&
          contains(item, id),
      );
  }

  private checkReferences(kind: Kind, item: Item): void {
    for (const [property, target] of Object.entries(kind.references ?? {})) {
      for (const id of [item[property] ?? []].flat()) {
        if (this.store.get(String(id))?.kind !== target) throw notFound();
      }
    }
  }
}

function contains(value: unknown, id: string): boolean {
  if (value === id) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((part) => contains(part, id));
}
