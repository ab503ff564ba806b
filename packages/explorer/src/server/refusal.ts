/** What of a request decides whether it is answered. */
export interface RequestFacts {
  readonly method: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`: where the page that asks is from, as browsers tell. */
  readonly site: string | undefined;
}

export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

/**
 * Why a request is not answered. A page elsewhere can make a browser ask us; it is told nothing. A name elsewhere that
 * is made to lead to this machine (DNS rebinding) arrives with that name as the host.
 */
export function refusalOf(request: RequestFacts, port: number): Refusal | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { method, host, origin, site } = request;
  if (host === undefined || !hosts.includes(host)) {
    return { status: 403, reason: "host is not this machine" };
  }
  if (origin !== undefined && !hosts.some((one) => origin === `http://${one}`)) {
    return { status: 403, reason: "origin is not this page" };
  }
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return { status: 403, reason: "request of another page" };
  }
  if (method !== "GET" && method !== "HEAD") return { status: 405, reason: "only GET and HEAD" };
  return undefined;
}
