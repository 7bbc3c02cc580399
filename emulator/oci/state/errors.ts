/**
 * An error response of OCI: a status, a code and a message.
 * https://docs.oracle.com/en-us/iaas/Content/API/References/apierrors.htm
 */
export class OciError extends Error {
  override readonly name = "OciError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const invalid = (message: string) => new OciError(400, "InvalidParameter", message);
export const missing = (property: string) =>
  new OciError(400, "MissingParameter", `Missing required parameter: ${property}`);
export const notFound = () =>
  new OciError(
    404,
    "NotAuthorizedOrNotFound",
    "Authorization failed or requested resource not found.",
  );
export const conflict = (message: string) => new OciError(409, "Conflict", message);
export const notAuthenticated = () =>
  new OciError(
    401,
    "NotAuthenticated",
    "The required information to complete authentication was not provided or was incorrect.",
  );
