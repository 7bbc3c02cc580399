import type { Reply } from "./client.js";
import type { ResourceType } from "./types.js";

/** The version of the plugin that this one replaces. */
export const version = "4.20.0";

type About = Pick<ResourceType, "service" | "operation">;

/**
 * The provider's error for a rejected request.
 * https://github.com/oracle/terraform-provider-oci/blob/master/internal/tfresource/errors.go
 */
export function serviceError(
  { service, operation }: About,
  verb: string,
  target: string,
  { status, body, requestId }: Reply,
): Error {
  const { code = "UnknownError", message = "no message" } = (body ?? {}) as Record<string, string>;
  return new Error(
    [
      `${status}-${code}, ${message}`,
      `Suggestion: ${suggestion(status, code, message, service)}`,
      `Request Target: ${target}`,
      `Service: ${service}`,
      `Operation Name: ${verb}${operation}`,
      `OPC request ID: ${requestId}`,
    ].join("\n"),
  );
}

/** The provider's error for a failed work request. */
export function workRequestError(
  { service }: About,
  about: { workRequestId: string; entity: string; action: string; id: string },
  messages: string[],
): Error {
  const { workRequestId, entity, action, id } = about;
  return new Error(
    [
      "Work Request error",
      `Service: ${service}`,
      `Error Message: work request did not succeed, workId: ${workRequestId}, entity: ${entity}, action: ${action}. Message: ${messages.join("\n") || "Unknown failure reason"}`,
      `Resource OCID: ${id}`,
      `Suggestion: Please retry or contact support for help with service: ${service}`,
    ].join("\n"),
  );
}

/** The provider's error for a work request that exceeds the operation's timeout. */
export function timeoutError({ service }: About, state: string): Error {
  return new Error(
    [
      "Operation Timeout",
      `Service: ${service}`,
      `Error Message: timeout while waiting for state to become 'SUCCEEDED, FAILED, CANCELED' (last state: '${state}')`,
      "Suggestion: Please retry with a longer timeout (customTimeouts).",
    ].join("\n"),
  );
}

function suggestion(status: number, code: string, message: string, service: string): string {
  if (code === "LimitExceeded") {
    return `Request a service limit increase for this resource ${service}`;
  }
  const known: Record<number, string> = {
    400: `Please update the parameter(s) in the Terraform config as per error message ${message}`,
    404: `Either the resource has been deleted or service ${service} need policy to access this resource. Policy reference: https://docs.oracle.com/en-us/iaas/Content/Identity/Reference/policyreference.htm`,
    409: "The resource is in a conflicted state. Please retry again or contact support for help with service: ".concat(
      service,
    ),
    429: "Request rate is too high, please retry later",
  };
  return (
    known[status] ??
    `The service for this resource encountered an error. Please contact support for help with service: ${service}`
  );
}
