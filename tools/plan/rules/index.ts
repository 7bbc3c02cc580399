import { openOnlyAsConfigured } from "./exposure.js";
import { imagesAreNamedInFull } from "./images.js";
import { namedAfterTheParent } from "./names.js";
import { onlyTheGatewayIsReached, rolesOnlyRead } from "./rights.js";
import { requestsFitTheWorkers } from "./requests.js";
import type { GuardRail } from "./rule.js";
import { noSecretInClear } from "./secrets.js";

export type { GuardRail, Violation } from "./rule.js";
export { clusterIsUntouched } from "./untouched.js";

/** The rules that check a single plan. */
export const guardRails: readonly GuardRail[] = [
  imagesAreNamedInFull,
  requestsFitTheWorkers,
  openOnlyAsConfigured,
  onlyTheGatewayIsReached,
  rolesOnlyRead,
  noSecretInClear,
  namedAfterTheParent,
];
