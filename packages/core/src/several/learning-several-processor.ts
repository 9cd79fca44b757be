import type { LearningProcessor } from '../learning-processor';
import type { SeveralOptions } from './several-options';
import { SeveralProcessor } from './several-processor';

/** Reads several values a sample with a processor that learns from training data: from every value, in the order of samples and lists. */
export class LearningSeveralProcessor extends SeveralProcessor implements LearningProcessor {
  constructor(
    override readonly each: LearningProcessor,
    options: SeveralOptions,
  ) {
    super(each, options);
  }

  get fitted(): boolean {
    return this.each.fitted;
  }

  async fit(lists: AsyncIterable<unknown>): Promise<void> {
    await this.each.fit(valuesOf(lists));
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    this.each.restore(savedFile);
  }
}

async function* valuesOf(lists: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const list of lists) {
    if (Array.isArray(list)) yield* list;
    else yield list;
  }
}
