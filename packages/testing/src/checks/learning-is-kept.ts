import { isLearning, type LearningProcessor, NotFittedError, type Processor } from '@polymodal/core';
import { type ProcessorCase, processAll, streamOf } from '../cases/processor-case';
import { expectSameValues } from '../compare/expect-same-values';
import { ConformanceError } from '../conformance-error';

/**
 * A processor that learns says so before it has, with a NotFittedError; the same values teach it the same; and who is made from its
 * files, or takes them, processes as it does, and says that it needs to learn no more. Where it takes those of one that has not
 * learned, which are none, it forgets.
 */
export async function learningIsKept(subject: ProcessorCase): Promise<void> {
  const { name, samples } = subject;
  const fresh = learner(
    subject.create(() => undefined),
    name,
  );
  expectFitted(name, 'a new one', fresh, false);
  await expectNotFitted(name, fresh, samples[0]);
  expectFitted(name, 'one made from the files of one that has not learned', made(subject, fresh), false);

  await fresh.fit(streamOf(samples));
  expectFitted(name, 'one that has learned', fresh, true);
  const expected = await processAll(fresh, samples);
  const again = learner(
    subject.create(() => undefined),
    name,
  );
  await again.fit(streamOf(samples));
  const restored = learner(
    subject.create(() => undefined),
    name,
  );
  restored.restore((file) => structuredClone(fresh.files()[file]));
  const others = {
    'learned again': again,
    'that took the files': restored,
    'made from the files': made(subject, fresh),
  };
  for (const [how, other] of Object.entries(others)) {
    expectFitted(name, `one ${how}`, other, true);
    const received = await processAll(other, samples);
    expected.forEach((features, index) => {
      expectSameValues(`${name}, sample ${index}, one ${how}`, features, received[index], 0);
    });
  }

  restored.restore(() => undefined);
  expectFitted(name, 'one that took the files of one that has not learned', restored, false);
  await expectNotFitted(name, restored, samples[0]);
}

/** Whether the processor of a case learns from training data. */
export function learns({ processor }: ProcessorCase): boolean {
  return isLearning(processor);
}

function made(subject: ProcessorCase, from: LearningProcessor): LearningProcessor {
  const files = structuredClone(from.files());
  return learner(
    subject.create((file) => files[file]),
    subject.name,
  );
}

function learner(processor: Processor, where: string): LearningProcessor {
  if (isLearning(processor) && typeof processor.restore === 'function' && typeof processor.files === 'function') {
    return processor;
  }
  throw new ConformanceError({
    where,
    expected: 'fit, restore and files, as LearningProcessor has them',
    received: 'less',
  });
}

function expectFitted(where: string, which: string, { fitted }: LearningProcessor, expected: boolean): void {
  if (fitted === expected) return;
  throw new ConformanceError({ where, expected: `${which} with fitted ${expected}`, received: String(fitted) });
}

async function expectNotFitted(where: string, processor: LearningProcessor, raw: unknown): Promise<void> {
  const expected = 'a NotFittedError of one that has not learned';
  try {
    await processor.process(raw, { training: false });
  } catch (error) {
    if (NotFittedError.isInstance(error)) return;
    throw new ConformanceError({ where, expected, received: String(error), cause: error });
  }
  throw new ConformanceError({ where, expected, received: 'features' });
}
