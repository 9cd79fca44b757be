import { fulfils, initialize, MissingModalityError, Model, RandomKey } from '@polymodal/core';
import type { BuiltHead, HeadCase } from '../cases/head-case';
import { everySubset, prepareSignals } from '../cases/mixed-samples';
import { ConformanceError } from '../conformance-error';
import { ReferenceHead } from '../doubles/reference-head';

/**
 * In a model, the head answers for every subset of modalities that its `requires` allow, is left out for all others, and
 * gives a MissingModalityError for these where it is asked for by name. `requires` names modalities of the model alone.
 */
export async function requirementsSuffice(subject: HeadCase): Promise<void> {
  const built = subject.build();
  const always = new ReferenceHead(built.fusion.hiddenSize);
  initialize(always, RandomKey.from(0));
  try {
    checkNames(subject, built);
    const model = modelOf(subject, built, always);
    const subsets = everySubset(subject.modalities);
    const samples = await prepareSignals(
      { processors: subject.processors, targets: {} },
      subsets,
      RandomKey.from(0).fold('requirements'),
    );
    const predictions = await model.predictPrepared(samples);
    for (const [row, subset] of subsets.entries()) {
      const where = `${subject.name}, a sample with ${subset.join(' and ')}`;
      const [allowed, answered] = [canRun(built, subset), 'subject' in predictions[row]];
      if (allowed !== answered)
        throw new ConformanceError({ where, expected: inWords(allowed), received: inWords(answered) });
      if (allowed) continue;
      const error = await model
        .predictPrepared([samples[row]], { heads: ['subject'] })
        .catch((thrown: unknown) => thrown);
      if (error instanceof MissingModalityError) continue;
      throw new ConformanceError({ where, expected: 'a MissingModalityError', received: String(error), cause: error });
    }
  } finally {
    built.dispose();
    always.dispose();
  }
}

function canRun({ module, parent }: BuiltHead, present: readonly string[]): boolean {
  return fulfils(module.requires, present) && (!parent || fulfils(parent.requires, present));
}

function inWords(answered: boolean): string {
  return answered ? 'an answer' : 'no answer';
}

function checkNames({ name, modalities }: HeadCase, { module: { requires } }: BuiltHead): void {
  const unknown = [...(requires.all ?? []), ...(requires.any ?? [])].find((modality) => !modalities.includes(modality));
  if (unknown === undefined) return;
  throw new ConformanceError({
    where: `${name}, requires`,
    expected: `modalities of the model: ${modalities.join(', ')}`,
    received: `"${unknown}"`,
    hint: 'Name the slots that the head needs under "modalities" of the case.',
  });
}

/** The head in a model, beside one that always runs. */
function modelOf({ processors }: HeadCase, built: BuiltHead, always: ReferenceHead): Model {
  const { encoders, fusion, parent, module } = built;
  return new Model({
    config: { hiddenSize: fusion.hiddenSize, encoders: {}, fusion: { use: 'reference' }, heads: {} },
    processors,
    encoders,
    fusion,
    heads: { subject: module, always, ...(parent && { parent }) },
    headInputs: { subject: parent ? 'parent' : 'fused', always: 'fused', parent: 'fused' },
    targets: {},
  });
}
