import { createHash, createPublicKey, sign, timingSafeEqual, verify } from "node:crypto";

/** The signed parts of a request. Header names are in lower case. */
export interface SignedRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Record<string, string | undefined>;
  body?: string | Buffer;
}

/** Public keys, PEM, by key id. */
export type PublicKeys = Record<string, string>;

const clockSkewMs = 5 * 60_000;
const withBody = ["post", "put", "patch"];

/**
 * The headers that sign a request to OCI.
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/signingrequests.htm
 */
export function signatureHeaders(
  { method, target, body = "" }: SignedRequest,
  host: string,
  key: { keyId: string; privateKey: string },
): Record<string, string> {
  const headers: Record<string, string> = { date: new Date().toUTCString(), host };
  const names = ["date", "(request-target)", "host"];
  if (withBody.includes(method.toLowerCase())) {
    headers["content-type"] = "application/json";
    headers["content-length"] = String(Buffer.byteLength(body));
    headers["x-content-sha256"] = sha256(body);
    names.push("content-length", "content-type", "x-content-sha256");
  }
  const text = signingString(names, { method, target, headers });
  const signature = sign("RSA-SHA256", Buffer.from(text), key.privateKey).toString("base64");
  return { ...headers, authorization: authorization(names, key.keyId, signature) };
}

const authorization = (names: string[], keyId: string, signature: string) =>
  `Signature version="1",headers="${names.join(" ")}",keyId="${keyId}",algorithm="rsa-sha256",signature="${signature}"`;

/**
 * The key that signed a request, within `maxAgeMs`, with all the headers that OCI requires to be signed.
 *
 * @returns its id; undefined if the signature is missing, invalid or too old.
 */
export function verifiedKeyId(
  request: SignedRequest,
  keys: PublicKeys,
  maxAgeMs = clockSkewMs,
): string | undefined {
  const { method, headers, body = "" } = request;
  const fields = parseAuthorization(headers["authorization"] ?? "");
  const key = fields.keyId === undefined ? undefined : keys[fields.keyId];
  if (!key || !fields.signature || fields.algorithm !== "rsa-sha256") return undefined;
  const names = (fields.headers ?? "").toLowerCase().split(" ");
  const required = ["(request-target)", "host"];
  if (withBody.includes(method.toLowerCase())) {
    required.push("content-length", "content-type", "x-content-sha256");
    if (!sameText(headers["x-content-sha256"] ?? "", sha256(body))) return undefined;
  }
  const date = ["x-date", "date"].find((name) => names.includes(name));
  if (!date || !required.every((name) => names.includes(name))) return undefined;
  const age = Date.now() - Date.parse(headers[date] ?? "");
  if (!(age < maxAgeMs && age > -clockSkewMs)) return undefined;
  const text = Buffer.from(signingString(names, request));
  const signature = Buffer.from(fields.signature, "base64");
  return verify("RSA-SHA256", text, createPublicKey(key), signature) ? fields.keyId : undefined;
}

function signingString(names: string[], { method, target, headers }: SignedRequest): string {
  return names
    .map((name) =>
      name === "(request-target)"
        ? `(request-target): ${method.toLowerCase()} ${target}`
        : `${name}: ${headers[name] ?? ""}`,
    )
    .join("\n");
}

function parseAuthorization(header: string): Record<string, string | undefined> {
  if (!header.startsWith("Signature ")) return {};
  return Object.fromEntries(
    [...header.matchAll(/([a-zA-Z]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );
}

const sha256 = (body: string | Buffer) => createHash("sha256").update(body).digest("base64");

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
