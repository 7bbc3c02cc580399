/** A request to send. */
export interface Request {
  method: "GET" | "DELETE";
  url: string;
}

/** The result of one `curl`. */
export interface Response {
  /** curl's exit status (https://curl.se/docs/manpage.html#EXIT). */
  exit: number;
  /** HTTP status; 0 without one. */
  status: number;
  /** The body, or curl's error message if there is none. */
  body: string;
}

/** Time limit of one request, in seconds. */
export const requestSeconds = 5;

const unit = "\u001f";
const record = "\u001e";
const group = "\u001d";

/**
 * A command for a client's Pod that sends every request `times` times, each by its own curl process: only a new
 * connection sees a changed policy or route. It stops repeating a request that times out. Needs `sh`, `curl`, and
 * `printf`.
 */
export function requestsCommand(requests: Request[], times: number): string[] {
  const script = `times=$1; shift
us=$(printf '\\037')
while [ $# -ge 2 ]; do
  n=0
  while [ "$n" -lt "$times" ]; do
    out=$(curl -sS -m ${requestSeconds} -w "$us%{http_code}" -X "$1" "$2" 2>&1)
    code=$?
    printf '%s\\037%s\\036' "$code" "$out"
    [ "$code" -eq 28 ] && break
    n=$((n + 1))
  done
  printf '\\035'
  shift 2
done`;
  const args = requests.flatMap(({ method, url }) => [method, url]);
  return ["sh", "-c", script, "sh", String(times), ...args];
}

/** The responses to each request, in order; empty for a request that was not sent. */
export function parseResponses(stdout: string, requests: number): Response[][] {
  const groups = stdout.split(group);
  return Array.from({ length: requests }, (_, index) =>
    (groups[index] ?? "")
      .split(record)
      .slice(0, -1)
      .map((text) => {
        const [exit, ...rest] = text.split(unit);
        const last = rest.pop() ?? "";
        // curl's error message may come before or after the status: stderr and stdout are merged.
        const body = rest.join("") + last.slice(3);
        return { exit: Number(exit), status: Number(last.slice(0, 3)), body: body.trim() };
      }),
  );
}

/** Numbers of pages, by the version of reviews that served them. */
export interface ReviewCounts {
  v1: number;
  v2: number;
  v3: number;
  /** Pages without reviews, refused requests, failures. */
  none: number;
  /** The result of one of those. */
  example?: string;
}

/** Loops that run in parallel: a page passes several services, while the client's Pod is idle. */
const loops = 4;
/** Pages that one curl fetches before the loop checks the clock. */
const batch = 25;

/**
 * A command that fetches a page of Bookinfo `times` times and prints which version of reviews served each one, by the
 * Pod's name in the page. One curl fetches a batch of pages, each on its own connection: hundreds of processes are
 * expensive on a small worker. A failed request skips the rest of its batch, a hanging one ends its loop. The command
 * stops by itself after `seconds`, since closing the connection does not end a command in a Pod. Needs `sh`, `curl` 7.75 or newer (https://curl.se/docs/manpage.html#-w) and `awk`.
 */
export function reviewsCommand(url: string, times: number, seconds: number): string[] {
  const script = `form=$(printf '\\035%%{exitcode} %%{errormsg}\\036') url=$1 end=$(($(date +%s) + $2)); shift 2
sample() {
  left=$1
  while [ "$left" -gt 0 ] && [ "$(date +%s)" -lt "$end" ]; do
    n=$left
    [ "$n" -gt ${batch} ] && n=${batch}
    left=$((left - n))
    curl -s -m ${requestSeconds} --fail-early -H 'Connection: close' -w "$form" "$url?[1-$n]" | awk '
      BEGIN { RS = "\\036"; FS = "\\035" }
      NF > 1 {
        code = $NF + 0
        if (code == 0 && match($0, /reviews-v[123]-/)) { printf "%s", substr($0, RSTART + 9, 1); next }
        printf "0"
        said = code == 0 ? $1 : substr($NF, index($NF, " ") + 1)
        gsub(/[[:space:]]+/, " ", said)
        last = (code == 0 ? "a page says: " : "curl exit " code ": ") substr(said, length(said) > 160 ? length(said) - 159 : 1)
      }
      END { if (last != "") printf "\\036%s\\035", last; exit code == 28 }' || break
  done
}
for share in "$@"; do sample "$share" & done
wait`;
  const shares = Array.from({ length: loops }, (_, loop) =>
    String(Math.floor((times + loop) / loops)),
  );
  return ["sh", "-c", script, "sh", url, String(seconds), ...shares];
}

export function parseReviews(stdout: string): ReviewCounts {
  const examples: string[] = [];
  const marks = stdout.replace(
    /\u001e([^\u001d]*)(\u001d|$)/g,
    (_, example: string) => (examples.push(example), ""),
  );
  const count = (mark: string) => marks.split(mark).length - 1;
  return {
    v1: count("1"),
    v2: count("2"),
    v3: count("3"),
    none: count("0"),
    example: examples.find((example) => example !== ""),
  };
}
