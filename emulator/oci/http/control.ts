import { notFound } from "../state/errors.js";
import type { Cloud } from "../cloud.js";
import type { Fault } from "../state/faults.js";
import { changeOffers, type Offers, offers } from "../clusters/offers.js";
import type { Answer } from "./route.js";
import type { OperationType } from "../state/work-requests.js";

/**
 * The control API, which OCI does not have: tests use it to inject faults and to inspect the state.
 *
 * - `GET|POST|DELETE /emulator/faults`: {@link Fault}
 * - `GET|PUT|DELETE /emulator/offers`: some of {@link Offers}
 * - `PUT /emulator/latency`: `{ factor, operation }`. Factor 1 is OCI's usual time, 0 is none. Without an operation
 *   such as `NODEPOOL_CREATE` it applies to all.
 * - `GET /emulator/resources`: all resources with their kind
 */
export function control(cloud: Cloud, method: string, path: string, text: string): Answer {
  const body = (text ? JSON.parse(text) : {}) as unknown;
  const done: Answer = { status: 204 };
  switch (`${method} ${path.slice("/emulator/".length)}`) {
    case "GET faults":
      return { status: 200, body: cloud.faults.list() };
    case "POST faults":
      cloud.faults.inject(body as Fault);
      return done;
    case "DELETE faults":
      cloud.faults.clear();
      return done;
    case "GET offers":
      return { status: 200, body: offers(cloud.store) };
    case "PUT offers":
      changeOffers(cloud.store, body as Partial<Offers>);
      return done;
    case "DELETE offers":
      changeOffers(cloud.store, undefined);
      return done;
    case "PUT latency":
      changeLatency(cloud, body as Latency);
      return done;
    case "GET resources":
      return {
        status: 200,
        body: cloud.store.all().map(({ kind, item }) => ({ kind, ...item })),
      };
    default:
      throw notFound();
  }
}

interface Latency {
  factor: number;
  operation?: OperationType;
}

function changeLatency({ workRequests }: Cloud, { factor, operation }: Latency): void {
  if (operation) workRequests.factors[operation] = factor;
  else workRequests.factor = factor;
}
