import { defineProcessor, type LearningProcessor } from '@polymodal/core';
import { z } from 'zod';
import { type ClassFeatures, ClassProcessor, type ClassRow, classOf, labelOptions, namesOf } from './class-target';
import { balancedWeights, classWeightOptions, listedWeights } from './class-weights';
import { readLearned, requireLearned, writeLearned } from './learned-file';

const learnedFile = 'classes.json';

/** Reads a class, and counts in the training data how often each occurs, to weigh them so that all count alike. */
export class BalancedClassProcessor
  extends ClassProcessor
  implements LearningProcessor<string | number, ClassRow, ClassFeatures>
{
  #counts: readonly number[] | undefined;

  get fitted(): boolean {
    return this.#counts !== undefined;
  }

  override get weights(): readonly number[] {
    return balancedWeights(this.#requireCounts());
  }

  async fit(values: AsyncIterable<string | number>): Promise<void> {
    const counts = this.labels.map(() => 0);
    for await (const raw of values) counts[classOf(super.process(raw))]++;
    this.#counts = counts;
  }

  override process(raw: string | number): ClassRow {
    this.#requireCounts();
    return super.process(raw);
  }

  restore(savedFile: (name: string) => Uint8Array | undefined): void {
    const counts = z.array(z.int().nonnegative()).length(this.labels.length);
    this.#counts = readLearned(savedFile, learnedFile, counts);
  }

  files(): Record<string, Uint8Array> {
    return writeLearned(learnedFile, this.#counts);
  }

  #requireCounts(): readonly number[] {
    return requireLearned(this.#counts, 'how often each class occurs in the training data');
  }
}

/** The target of heads that choose one of several classes. */
export const classTarget = defineProcessor({
  config: z.object({ ...labelOptions, ...classWeightOptions }),
  create: ({ labels, classWeights }, { savedFile }): ClassProcessor => {
    const names = namesOf(labels);
    if (classWeights !== 'balanced')
      return new ClassProcessor(names, classWeights && listedWeights(classWeights, names));
    const processor = new BalancedClassProcessor(names);
    processor.restore(savedFile);
    return processor;
  },
});
