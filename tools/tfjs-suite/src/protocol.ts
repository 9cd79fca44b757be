/** Backends that the suite runs on by itself. */
export const workspaceBackends = ['onnx', 'cpu', 'wasm'] as const;

/** Backends that it runs on when they are named: other scripts install their packages, which are large. */
export const externalBackends = ['node', 'webgpu'] as const;

/** One of {@link externalBackends}. */
export type ExternalBackend = (typeof externalBackends)[number];

/** A backend that the suite runs on. */
export type BackendName = (typeof workspaceBackends)[number] | ExternalBackend;

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
