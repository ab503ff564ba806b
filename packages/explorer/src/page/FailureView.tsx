import type { JSX } from "preact";
import type { Failure } from "../session/session.js";
import { SourceView, splitSite } from "./SourceView.js";

/** Why there is no program, with the user's own line. */
export function FailureView({
  failure,
  isLive,
}: {
  readonly failure: Failure;
  readonly isLive: boolean;
}): JSX.Element {
  const { message, site, lines, detail } = failure;
  const place = site === undefined ? undefined : splitSite(site);
  return (
    <div class="failure" role="alert">
      <h2>The program could not be recorded</h2>
      <pre class="message">{message}</pre>
      {place !== undefined && lines !== undefined && (
        <>
          <h3>{site}</h3>
          <SourceView lines={lines} line={place.line} file={place.file} context={6} />
        </>
      )}
      {detail !== undefined && (
        <details>
          <summary>Stack</summary>
          <pre>{detail}</pre>
        </details>
      )}
      {isLive && <p class="note">Change the source and save: this page follows.</p>}
    </div>
  );
}
