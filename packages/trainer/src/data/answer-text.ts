import { type Model, type PreparedSample, requireArgument } from '@polymodal/core';

/**
 * A conversation as it is learned from: its text, answers between ⟦ and ⟧, and the name of a slot in braces where a value of it stands. Special
 * tokens have no text. To see, before a training, that it learns what it is meant to.
 *
 * ```ts
 * console.log(answerText(model, await model.prepare(sample)));
 * ```
 *
 * @returns undefined for a sample that is no conversation
 */
export function answerText(model: Model, { features }: PreparedSample): string | undefined {
  requireArgument(typeof features === 'object', 'answerText', 'a prepared sample', features);
  const slots = Object.keys(model.processors);
  const host = slots.find((slot) => features[slot]?.answers);
  const codec = host === undefined ? undefined : model.processors[host].codec;
  if (host === undefined || !codec) return undefined;
  const { inputIds, answers, placeSlot } = features[host];
  const runs: { readonly kind: 'answer' | 'other' | 'place'; readonly ids: number[] }[] = [];
  inputIds.data.forEach((id, at) => {
    const place = placeSlot?.data[at] ?? -1;
    const kind = place >= 0 ? 'place' : answers.data[at] === 1 ? 'answer' : 'other';
    if (kind === 'place') runs.push({ kind, ids: [place] });
    else if (runs.at(-1)?.kind === kind) runs.at(-1)!.ids.push(id);
    else runs.push({ kind, ids: [id] });
  });
  const texts = runs.map(({ kind, ids }) => {
    if (kind === 'place') return `{${slots[ids[0]]}}`;
    const text = String(codec.decode(ids));
    return kind === 'answer' ? `⟦${text}⟧` : text;
  });
  return texts.join('');
}
