/** The backends that Polymodal knows, best first. */
export const backendNames = ['node-gpu', 'onnx', 'node', 'webgpu', 'wasm', 'cpu'] as const;

/** The name of a backend that Polymodal knows. */
export type BackendName = (typeof backendNames)[number];

/** Which backend was taken, and why none of the better ones. */
export interface BackendChoice {
  readonly name: BackendName;
  /** What it runs on, e.g. `ONNX Runtime 1.30.0, cpu`. */
  readonly description: string;
  readonly passedOver: readonly { readonly name: BackendName; readonly reason: string }[];
  /** What to install for a much faster one, where nothing native was found. */
  readonly advice?: string;
  /** All of it in one line, to show a person. */
  toString(): string;
}

/** A {@link BackendChoice} that can say itself. */
export function backendChoice(choice: Omit<BackendChoice, 'toString'>): BackendChoice {
  const why = choice.passedOver.map(({ reason }) => reason).join('; ');
  const line = `${choice.name} (${choice.description})${why && `: ${why}`}${choice.advice ? `. ${choice.advice}` : ''}`;
  return { ...choice, toString: () => line };
}
