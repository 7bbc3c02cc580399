import { gunzipSync } from "node:zlib";
import type { Properties } from "../server.js";
import { at } from "./objects.js";
import type { Client } from "./client.js";

/** A revision of a release, as helm itself keeps it in the cluster. */
export interface StoredRelease {
  name: string;
  namespace: string;
  version: number;
  info: { status: string; description?: string };
  chart: { metadata: { name: string; version: string; appVersion?: string } };
  config?: Properties;
}

/** The newest revision of a release, whatever its status; undefined where there is none. */
export async function newestRelease(
  client: Client,
  namespace: string,
  name: string,
): Promise<StoredRelease | undefined> {
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  const { items } = await client.get<{ items: Properties[] }>(secrets, {
    labelSelector: `owner=helm,name=${name}`,
  });
  const revision = (item: Properties) => Number(at(item, "metadata", "labels", "version"));
  const newest = items.sort((a, b) => revision(b) - revision(a))[0];
  return newest && decode(String(at(newest, "data", "release")));
}

// The Secret's value is base64 of base64 of gzipped JSON:
// https://github.com/helm/helm/blob/main/pkg/storage/driver/util.go
function decode(data: string): StoredRelease {
  const packed = Buffer.from(Buffer.from(data, "base64").toString(), "base64");
  return JSON.parse(gunzipSync(packed).toString()) as StoredRelease;
}
