/** What some training steps came to, in their order. */
export interface StepsResult {
  readonly ms: number[];
  readonly losses: number[];
}
