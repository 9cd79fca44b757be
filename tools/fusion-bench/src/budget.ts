/** What the trainings of one task may take, the same for every method. */
export interface TaskBudget {
  /** Samples to learn from. */
  readonly train: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** How likely a sample loses a modality, anew in each epoch. */
  readonly modalityDropout: number;
}

/** What every method gets. */
export interface Budget {
  /** Learning rates that are tried with the first seed; the best on validation data is taken for all. */
  readonly rates: readonly number[];
  readonly seeds: number;
  /** Whether the first seed is also trained with an irrelevant modality beside. */
  readonly irrelevant: boolean;
  readonly tasks: Readonly<Record<'digits' | 'sort-of-clevr' | 'controls', TaskBudget>>;
}

/** The whole comparison, and a quick look at it. */
export const budgets = {
  full: {
    rates: [2e-3, 5e-3],
    seeds: 3,
    irrelevant: true,
    tasks: {
      digits: { train: 3072, epochs: 5, batchSize: 64, modalityDropout: 0.25 },
      'sort-of-clevr': { train: 16_384, epochs: 3, batchSize: 128, modalityDropout: 0.05 },
      controls: { train: 512, epochs: 16, batchSize: 128, modalityDropout: 0.2 },
    },
  },
  quick: {
    rates: [5e-3],
    seeds: 1,
    irrelevant: false,
    tasks: {
      digits: { train: 1536, epochs: 4, batchSize: 64, modalityDropout: 0.25 },
      'sort-of-clevr': { train: 6144, epochs: 3, batchSize: 128, modalityDropout: 0.05 },
      controls: { train: 512, epochs: 12, batchSize: 128, modalityDropout: 0.2 },
    },
  },
} as const satisfies Readonly<Record<string, Budget>>;

/** Which of the {@link budgets}. */
export type BudgetName = keyof typeof budgets;
