/** Backends that the suite runs on. */
export const backendNames = ['onnx', 'cpu', 'wasm'] as const;

/** One of {@link backendNames}. */
export type BackendName = (typeof backendNames)[number];

/** A spec that failed, and what it said. */
export interface Failure {
  readonly spec: string;
  readonly messages: readonly string[];
}

/** Outcome of one pass over the suite. */
export interface Pass {
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Specs that a filter left out. */
  readonly excluded: number;
  /** Failures outside of specs, as of an `afterAll`. */
  readonly globalErrors: readonly string[];
  readonly seconds: number;
}

/** What a suite process reports to the one that started it. */
export type Message =
  | { readonly kind: 'progress'; readonly done: number; readonly failed: number; readonly pass: number }
  | {
      readonly kind: 'done';
      readonly passes: readonly Pass[];
      /** Programs compiled in each pass; empty for backends that compile none. */
      readonly compilations: readonly number[];
      /** Kernels that the ONNX backend left to the cpu backend, and how often. */
      readonly fallbacks: Readonly<Record<string, number>>;
    };
