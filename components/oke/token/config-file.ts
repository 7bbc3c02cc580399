import { readFileSync } from "node:fs";

/** There is no usable identity; the message lists the places searched, or names the file to repair. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
}

/**
 * The profiles of an OCI configuration file, by name:
 * https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdkconfig.htm. Read here because the SDK's reader writes to
 * stdout, which a credential plugin uses for its result, and quotes an invalid line, which may be part of a key.
 *
 * @throws IdentityError with the number of the first line that is not a profile, a value, or a comment.
 */
export function readProfiles(path: string): Map<string, Record<string, string>> {
  const profiles = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const [i, text] of readText(path).split("\n").entries()) {
    const line = text.trim();
    if (line === "" || /^[#;]/.test(line)) continue;
    // Oracle's SDKs for Go and Python ignore what follows a profile's name, and the case of keys.
    const name = /^\[\s*([^\]]*[^\]\s])\s*\]/.exec(line)?.[1];
    const at = line.indexOf("=");
    if (name !== undefined) {
      current = profiles.get(name) ?? {};
      profiles.set(name, current);
    } else if (at < 1) {
      throw faulty(path, i + 1, "is neither a [profile], a key=value pair, nor a # comment");
    } else if (!current) {
      throw faulty(path, i + 1, "is before the first [profile]");
    } else {
      current[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
    }
  }
  return profiles;
}

/**
 * A private key or a token from its file.
 *
 * @param from which setting has the path, for the error.
 * @param anew how to create the file, for the error.
 * @throws IdentityError
 */
export function readKey(path: string, from: string, anew: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "does not exist" : `can't be read: ${message}`;
    throw new IdentityError(
      [
        `${path} ${why}. It is the ${from}.`,
        `Correct the path there, or create the file: ${anew}`,
      ].join("\n"),
    );
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new IdentityError(`${path} can't be read: ${(error as Error).message}`);
  }
}

const faulty = (path: string, line: number, what: string) =>
  new IdentityError(
    `${path}, line ${line}: this line ${what}.\nCorrect it there, or create the file anew: oci setup config`,
  );

/**
 * What a profile lacks comes from DEFAULT, as in Oracle's SDKs
 * (https://docs.oracle.com/en-us/iaas/Content/API/Concepts/sdkconfig.htm). But a session token needs no user, and an
 * API key no token: the profile's own kind of identity counts.
 */
export function inherit(own: Values, defaults: Values): Values {
  const inherited = { ...defaults };
  if (own["security_token_file"]) delete inherited["user"];
  if (own["user"]) delete inherited["security_token_file"];
  return { ...inherited, ...own };
}

type Values = Record<string, string | undefined>;
