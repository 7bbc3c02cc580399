import type { Settings } from "../settings/settings.js";
import { reaches } from "../settings/settings.js";
import type { ClusterFacts } from "./inspect.js";
import { missingObjects } from "./objects.js";
import { shortagesOf, type Shortage } from "./rules/quota.js";

const anotherNamespace = "pulumi config set namespace <name>";

/** Why the application could not be created in its namespace, with the next command. */
export function applicationProblems(facts: ClusterFacts, settings: Settings): string[] {
  const { namespace, stage } = settings;
  const { namespaces, application, quotas } = facts.present;
  const found = namespaces.find(({ name }) => name === namespace);
  if (found?.isBeingDeleted) return [];
  if (found && !found.ours && namespace !== "default") {
    return [
      `Namespace ${namespace} already exists, and this program did not create it. Use default or a new name: ${anotherNamespace}`,
    ];
  }
  if (!reaches(stage)("bookinfo")) return [];
  const problems: string[] = [];
  const others = application.filter(({ ours }) => !ours);
  if (others.length > 0) {
    const names = others.map(({ kind, name }) => `${kind} ${name}`).join(", ");
    problems.push(
      `Namespace ${namespace} already has objects with the names of the walk-through's, which this program did not create: ${names}. If no one uses them: kubectl delete -n ${namespace} ${others.map(({ target }) => target).join(" ")}. Otherwise use another namespace: ${anotherNamespace}`,
    );
  }
  const shortages = shortagesOf(quotas, missingObjects(settings, application));
  for (const quota of new Set(shortages.map((shortage) => shortage.quota))) {
    const amounts = shortages.filter((shortage) => shortage.quota === quota).map(amountsOf);
    problems.push(
      `ResourceQuota ${quota} in namespace ${namespace} leaves too little for Bookinfo: ${amounts.join(", ")}. Raise it: kubectl edit resourcequota ${quota} -n ${namespace}. Or use another namespace: ${anotherNamespace}`,
    );
  }
  for (const { deployments, reason } of facts.refusedPods ?? []) {
    if (shortages.length > 0 && /^exceeded quota/.test(reason)) continue;
    const relax = relaxation(reason, namespace);
    problems.push(
      `The cluster would refuse the Pods of ${deployments.join(", ")} in namespace ${namespace}: ${reason.replace(/\.?$/, ".")} ${relax}, or use another namespace: ${anotherNamespace}`,
    );
  }
  return problems;
}

function amountsOf({ resource, needed, left }: Shortage): string {
  const shown = (amount: number) =>
    resource.endsWith("memory")
      ? `${Math.round(amount / 2 ** 20)}Mi`
      : String(Number(amount.toFixed(3)));
  return `${resource} (${shown(needed)} needed, ${shown(left)} left)`;
}

/** The beginning of a sentence about the rule that refuses a Pod. */
function relaxation(reason: string, namespace: string): string {
  if (/^violates PodSecurity/.test(reason)) {
    return `Allow what they need: kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=baseline --overwrite`;
  }
  return /^(maximum|minimum) |limit of /.test(reason)
    ? `Change the limits: kubectl edit limitrange -n ${namespace}`
    : "Change that rule";
}
