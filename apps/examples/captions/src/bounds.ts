import type { RandomKey } from '@polymodal/core';
import type { Task, ViewedSample } from './data/make-samples';
import { edition } from './data/two-views';
import { answerIn, captionOf, type Named } from './language/wording';

/** What is shown beside the prompt, by how tables call it. */
export const subsets = {
  nothing: ['text'],
  picture: ['image', 'text'],
  speech: ['audio', 'text'],
  both: ['image', 'audio', 'text'],
} as const;

/** Of what is shown, a name of {@link subsets}. */
export type Subset = keyof typeof subsets;

/**
 * How often whoever sees or hears all that there is writes the right thing, if he guesses the rest as well as can be. A picture hides one
 * object and the speaker leaves one out, so that by either alone one of 4 colours and one of 3 shapes are to be guessed. Which place that object
 * has is known, and so who is left of whom.
 */
export function mostRight(task: Task, subset: Subset): number {
  const unknown = unknownObjects(subset);
  const { colours, shapes, objects } = edition;
  if (task === 'left-of') return unknown === objects ? 1 / 2 : 1;
  if (task === 'shape') return 1 - unknown / objects + unknown / objects / shapes.length;
  let ways = shapes.length ** unknown;
  for (let known = objects - unknown; known < objects; known++) ways *= colours.length - known;
  return 1 / ways;
}

/** How many objects neither the picture nor the speaker tells of. */
function unknownObjects(subset: Subset): number {
  return { nothing: edition.objects, picture: 1, speech: 1, both: 0 }[subset];
}

/** What somebody writes who sees and hears all that is shown, and draws the rest. */
export function informedGuess({ meta }: Pick<ViewedSample, 'meta'>, subset: Subset, key: RandomKey): string {
  const { views, task, tag, subject = 0 } = meta;
  const { objects, hidden, told } = views;
  const isKnown = (place: number) =>
    subset === 'both' || (subset === 'picture' && place !== hidden) || (subset === 'speech' && told.includes(place));
  if (task === 'left-of') {
    const yes = subset === 'nothing' ? key.integer(0, 2) === 0 : subject < meta.other!;
    return answerIn(yes ? 'yes' : 'no', tag);
  }
  const guessed = drawUnknown(objects, isKnown, key);
  return task === 'shape' ? answerIn(guessed[subject].shape, tag) : captionOf(guessed, tag);
}

/** The objects, of which those that are not known are drawn, in colours that are left. */
function drawUnknown(objects: readonly Named[], isKnown: (place: number) => boolean, key: RandomKey): readonly Named[] {
  const taken = objects.filter((_, place) => isKnown(place)).map(({ colour }) => colour);
  const left = edition.colours.filter((colour) => !taken.includes(colour));
  const order = key.fold('colours').shuffle(left.length);
  return objects.map((object, place) => {
    if (isKnown(place)) return object;
    const { shapes } = edition;
    return { colour: left[order[place]], shape: shapes[key.fold('shape').fold(place).integer(0, shapes.length)] };
  });
}
