/** What an epoch of fine-tuning came to. */
export interface EpochResult {
  /** Of training alone. */
  readonly seconds: number;
  /** The part of them in which programs were compiled. */
  readonly compileSeconds: number;
  /** Share of the held-out mails that are told right after it. */
  readonly accuracy: number;
}
