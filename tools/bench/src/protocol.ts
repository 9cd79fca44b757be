/** What the bench tells a contender, one line of JSON each. */
export type Request = { readonly run: number } | { readonly finish: true };

/** What a contender answers: once when it is ready, or cannot be; then to every request. */
export type Answer<Result = unknown> =
  | { readonly kind: 'ready' }
  /** What it needs is not installed. */
  | { readonly kind: 'missing'; readonly what: string }
  | { readonly kind: 'result'; readonly result: Result }
  | { readonly kind: 'finished'; readonly peakRssBytes: number };
