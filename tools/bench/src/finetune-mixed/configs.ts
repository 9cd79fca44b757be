/** How the towers are tuned; the same for all contenders. */
export interface FinetuneConfig {
  /** Probability that a mail's subject, or its body, is taken from it in an epoch; one of them stays. */
  readonly modalityDropout: number;
  readonly trainingMails: number;
  readonly heldOutMails: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Most tokens of a subject or a body. */
  readonly maxLength: number;
  /** Of the pretrained towers, and of what is new; both rise over a twentieth of the steps and fall as a cosine. */
  readonly towerRate: number;
  readonly newRate: number;
}

const config = {
  trainingMails: 600,
  heldOutMails: 300,
  epochs: 2,
  batchSize: 16,
  maxLength: 128,
  towerRate: 5e-5,
  newRate: 5e-4,
};

/** Every mail as it is, and with parts missing at random, so that every combination comes in every length. */
export const configs: Readonly<Record<string, FinetuneConfig>> = {
  complete: { ...config, modalityDropout: 0 },
  'missing-0.2': { ...config, modalityDropout: 0.2 },
};
