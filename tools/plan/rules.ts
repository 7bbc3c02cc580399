import { openOnlyAsConfigured } from "./rules/exposure.js";
import { imagesAreNamedInFull } from "./rules/images.js";
import { namedAfterTheParent } from "./rules/names.js";
import { requestsFitTheWorkers } from "./rules/requests.js";
import type { GuardRail } from "./rules/rule.js";
import { noSecretInClear } from "./rules/secrets.js";

export type { GuardRail, Violation } from "./rules/rule.js";
export { clusterIsUntouched } from "./rules/untouched.js";

/** Every rule that one plan alone is held to. */
export const guardRails: readonly GuardRail[] = [
  imagesAreNamedInFull,
  requestsFitTheWorkers,
  openOnlyAsConfigured,
  noSecretInClear,
  namedAfterTheParent,
];
