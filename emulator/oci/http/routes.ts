import type { Body } from "../state/body.js";
import type { Cloud } from "../cloud.js";
import { invalid, notFound } from "../state/errors.js";
import { kinds } from "../network/kinds.js";
import { containerEngine } from "./container-engine.js";
import { limits } from "./limits.js";
import { type Answer, type Handler, ok } from "./route.js";
import { identity, loadBalancer, network } from "./services.js";

/** The five requests of each kind of resource. */
function ofKinds(): Record<string, Handler> {
  const routes: Record<string, Handler> = {};
  for (const { kind, path, readOnly } of kinds) {
    routes[`GET ${path}`] = (cloud, { query }) => ok(cloud.resources.list(kind, query));
    routes[`GET ${path}/:id`] = (cloud, { params: [id = ""] }) => ok(cloud.resources.get(kind, id));
    if (readOnly) continue;
    routes[`POST ${path}`] = (cloud, { body }) => ok(cloud.resources.create(kind, body));
    routes[`PUT ${path}/:id`] = (cloud, { params: [id = ""], body }) =>
      ok(cloud.resources.update(kind, id, body));
    routes[`DELETE ${path}/:id`] = (cloud, { params: [id = ""] }) => {
      cloud.resources.delete(kind, id);
      return { status: 204 };
    };
  }
  return routes;
}

const table = Object.entries({
  ...ofKinds(),
  ...network,
  ...identity,
  ...containerEngine,
  ...loadBalancer,
  ...limits,
}).map(([route, handler]) => {
  const [method = "", path = ""] = route.split(" ");
  return { method, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "([^/]+)")}$`), handler };
});

/** @throws OciError for a request that OCI rejects. */
export function answer(cloud: Cloud, method: string, url: URL, text: string): Answer {
  const path = url.pathname;
  cloud.faults.check({ method, path });
  for (const route of table) {
    const match = route.method === method && route.pattern.exec(path);
    if (!match) continue;
    const params = match.slice(1).map(decodeURIComponent);
    return route.handler(cloud, {
      params,
      query: Object.fromEntries(url.searchParams),
      body: parse(text),
    });
  }
  throw notFound();
}

function parse(text: string): Body {
  if (!text) return {};
  try {
    return JSON.parse(text) as Body;
  } catch {
    throw invalid("The request's body is not JSON");
  }
}
