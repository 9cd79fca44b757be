import type { Features } from './features';
import type { Processor } from './processor';

/**
 * A processor that learns from training data how to process: statistics of a table's columns, a vocabulary. `train` lets it learn
 * once, before the first features are made, from the training values of its slot or target and never from those of evaluation. What
 * it learned is in its files, so that a saved model has it, and a run that is gone on with learns nothing anew.
 *
 * Until then `process` throws a {@link NotFittedError}.
 */
export interface LearningProcessor<Raw = unknown, Row extends Features = Features, F extends Features = Features>
  extends Processor<Raw, Row, F> {
  /** Whether it can process: it has learned, or was made from the files of one that had. It then keeps what it knows. */
  readonly fitted: boolean;

  /**
   * Learns from the training values, each given once, in the order of the data. The same values give the same.
   *
   * @throws SampleError for a value that cannot be read, saying what was expected; then it stays as it was
   */
  fit(values: AsyncIterable<Raw>): Promise<void>;

  /**
   * Comes to know what another one of the same options knows, and nothing else. Of one that had not learned there is no file: then
   * it forgets what it learned, and can be fitted anew. `train` does so where it fails before its first step.
   *
   * @param savedFile a file of the other's {@link files}, by its name
   */
  restore(savedFile: (name: string) => Uint8Array | undefined): void;

  /** What it learned; nothing before. */
  files(): Readonly<Record<string, Uint8Array>>;
}

/** Whether a processor learns from training data. */
export function isLearning(processor: Processor): processor is LearningProcessor {
  return typeof (processor as Partial<LearningProcessor>).fit === 'function';
}
