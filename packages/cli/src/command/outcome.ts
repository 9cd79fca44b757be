/** What a command comes to. */
export interface Outcome {
  /** For people. */
  readonly text: string;
  /** The same for programs, `--json`; left out by a command that has written its output itself. */
  readonly result?: unknown;
  /** Other than 0. */
  readonly exitCode?: number;
}
