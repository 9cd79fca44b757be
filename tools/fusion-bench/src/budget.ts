/** What the trainings of one task may take, the same for every method. */
export interface TaskBudget {
  /** Learning rates that are tried with the first seed; the best on validation data is taken for all. */
  readonly rates: readonly number[];
  /** Samples to learn from. */
  readonly train: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** How likely a sample loses a modality, anew in each epoch. */
  readonly modalityDropout: number;
  /** Whether the first seed is also trained with an irrelevant modality beside. */
  readonly irrelevant: boolean;
}

/** What every method gets. */
export interface Budget {
  readonly seeds: number;
  readonly tasks: Readonly<Record<'digits' | 'sort-of-clevr' | 'controls', TaskBudget>>;
}

const digits = { batchSize: 64, modalityDropout: 0.25 };
const sortOfClevr = { batchSize: 128, modalityDropout: 0.05, irrelevant: false };
/** One of them has an irrelevant modality of its own. */
const controls = { train: 512, epochs: 12, batchSize: 128, modalityDropout: 0.2, rates: [5e-3], irrelevant: false };

/** The whole comparison, and a quick look at it. */
export const budgets = {
  full: {
    seeds: 3,
    tasks: {
      digits: { ...digits, train: 3072, epochs: 4, rates: [2e-3, 5e-3], irrelevant: true },
      'sort-of-clevr': { ...sortOfClevr, train: 12_288, epochs: 3, rates: [2e-3, 5e-3] },
      controls,
    },
  },
  quick: {
    seeds: 1,
    tasks: {
      digits: { ...digits, train: 1536, epochs: 4, rates: [5e-3], irrelevant: false },
      'sort-of-clevr': { ...sortOfClevr, train: 6144, epochs: 3, rates: [5e-3] },
      controls,
    },
  },
} as const satisfies Readonly<Record<string, Budget>>;

/** Which of the {@link budgets}. */
export type BudgetName = keyof typeof budgets;
