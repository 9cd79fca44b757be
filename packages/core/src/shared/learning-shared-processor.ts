import type { LearningProcessor } from '../learning-processor';
import { SharedProcessor } from './shared-processor';

/** As {@link SharedProcessor}, with a processor that learns from training data. */
export class LearningSharedProcessor extends SharedProcessor implements LearningProcessor {
  constructor(override readonly each: LearningProcessor) {
    super(each);
  }

  get fitted(): boolean {
    return this.each.fitted;
  }

  fit(values: AsyncIterable<unknown>): Promise<void> {
    return this.each.fit(values);
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    this.each.restore(savedFile);
  }
}
