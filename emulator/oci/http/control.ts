import { notFound } from "../state/errors.js";
import type { Cloud } from "../cloud.js";
import type { Fault } from "../state/faults.js";
import { changeOffers, type Offers, offers } from "../clusters/offers.js";
import type { Answer } from "./route.js";
import type { OperationType } from "../state/work-requests.js";

/**
 * What no OCI has: a way for tests to make things go wrong, and to look.
 *
 * `GET|POST|DELETE /sandbox/faults` ({@link Fault}); `GET|PUT|DELETE /sandbox/offers`
 * (parts of {@link Offers}); `PUT /sandbox/latency` (`{ factor, operation }`: 1 is OCI's usual time, 0 none; of one
 * kind of work, `NODEPOOL_CREATE`, or of all); `GET /sandbox/resources`: everything there is, by kind.
 */
export function control(cloud: Cloud, method: string, path: string, text: string): Answer {
  const body = (text ? JSON.parse(text) : {}) as unknown;
  const done: Answer = { status: 204 };
  switch (`${method} ${path.slice("/sandbox/".length)}`) {
    case "GET faults":
      return { status: 200, body: cloud.faults.list() };
    case "POST faults":
      cloud.faults.plant(body as Fault);
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
