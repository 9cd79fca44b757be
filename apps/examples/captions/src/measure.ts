import { type Model, RandomKey } from '@polymodal/core';
import { cider } from '@polymodal/head-text';
import { evaluateSubsets, type HeadFigures, type SubsetFigures } from '@polymodal/trainer';
import { informedGuess, type Subset, subsets } from './bounds';
import { type SampleRecipe, tasks, testSamples, type ViewedSample } from './data/make-samples';
import { tags } from './language/wording';

/** Samples of one row of a table: captions by language, answers by kind of question. */
export interface TestGroup {
  readonly name: string;
  readonly samples: readonly ViewedSample[];
}

/** As many of each group: captions in each language, and of each kind questions in all languages. */
export function testGroups(count: number, recipe: SampleRecipe): TestGroup[] {
  const [, ...kinds] = tasks;
  const ofLanguage = Math.ceil(count / tags.length);
  return [
    ...tags.map((tag) => ({ name: `caption ${tag}`, samples: testSamples('caption', tag, count, recipe) })),
    ...kinds.map((kind) => ({
      name: kind,
      samples: tags.flatMap((tag) => testSamples(kind, tag, ofLanguage, recipe)),
    })),
  ];
}

/** Exact match and CIDEr of each group, on each subset of what is shown beside the prompt. */
export async function measure(
  model: Model,
  groups: readonly TestGroup[],
  signal: AbortSignal,
): Promise<Record<Subset, Record<string, HeadFigures>>> {
  const figures: Record<Subset, Record<string, HeadFigures>> = { nothing: {}, picture: {}, speech: {}, both: {} };
  for (const { name, samples } of groups) {
    console.log(`Asking for ${name}`);
    const found = await evaluateSubsets(model, samples, { subsets: Object.values(subsets), common: true, signal });
    for (const subset of Object.keys(subsets) as Subset[]) {
      figures[subset][name] = ofAnswer(found, subsets[subset]);
    }
  }
  return figures;
}

function ofAnswer(found: SubsetFigures, slots: readonly string[]): HeadFigures {
  return found[slots.join('+')].answer;
}

/** CIDEr of the captions of whoever sees and hears all that is shown and draws the rest, by group and subset. */
export function guessedCider(groups: readonly TestGroup[]): Record<Subset, Record<string, number>> {
  const key = RandomKey.from(0).fold('guesses');
  const of = (subset: Subset) =>
    Object.fromEntries(
      groups
        .filter(({ samples }) => samples[0].meta.task === 'caption')
        .map(({ name, samples }) => {
          const guesses = samples.map((sample, index) => informedGuess(sample, subset, key.fold(name).fold(index)));
          const references = samples.map(({ targets }) => [targets.answer]);
          return [name, cider(guesses, references).score];
        }),
    );
  return { nothing: of('nothing'), picture: of('picture'), speech: of('speech'), both: of('both') };
}
