import { type ProcessorCase, processAll } from '../cases/processor-case';
import { expectSameValues } from '../compare/expect-same-values';

/** A processor made again from its config and the files that it saves gives the same features. */
export async function processorsSurviveSaving(subject: ProcessorCase): Promise<void> {
  const files = structuredClone(subject.processor.files?.() ?? {});
  const restored = subject.create((name) => (Object.hasOwn(files, name) ? files[name] : undefined));
  const before = await processAll(subject.processor, subject.samples);
  const after = await processAll(restored, subject.samples);
  before.forEach((features, index) => {
    expectSameValues(`${subject.name}, sample ${index}, restored from its files`, features, after[index], 0);
  });
}
