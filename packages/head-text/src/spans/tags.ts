import type { CharacterSpan } from './located-text';

/** What is in no span. */
const outside = 'O';

/** A stretch of a text and what it is called. */
export interface LabelledSpan extends CharacterSpan {
  readonly label: string;
}

/** The tags of labels: `O`, and for each how one begins and goes on (IOB2, Ramshaw and Marcus 1995). */
export function tagsOf(labels: readonly string[]): string[] {
  return [outside, ...labels.flatMap((label) => [`B-${label}`, `I-${label}`])];
}

/** What a tag says: of what label, and whether a span begins. A tag without B- or I- is taken for one that goes on, as Python's pipeline does. */
function readTag(tag: string): { readonly label: string; readonly begins: boolean } {
  return /^[BI]-/.test(tag) ? { label: tag.slice(2), begins: tag.startsWith('B-') } : { label: tag, begins: false };
}

/** The labels that tags are of, in their order. */
export function labelsOf(tags: readonly string[]): string[] {
  return [...new Set(tags.filter((tag) => tag !== outside).map((tag) => readTag(tag).label))];
}

/** Which of some tags a word of a span has; −1 where they have none for the label. */
export function tagIndex(tags: readonly string[], label: string, begins: boolean): number {
  const wanted = begins ? [`B-${label}`, `I-${label}`, label] : [`I-${label}`, label, `B-${label}`];
  return wanted.map((tag) => tags.indexOf(tag)).find((index) => index >= 0) ?? -1;
}

/**
 * The spans that tags in a row make: one goes on as long as its label does, and no tag says that another begins (HF
 * `TokenClassificationPipeline.group_entities`; seqeval without a scheme).
 *
 * @param join makes one of those that belong together
 */
export function joinTagged<Unit extends CharacterSpan & { readonly tag: string }, Span>(
  units: readonly Unit[],
  join: (label: string, units: readonly Unit[]) => Span,
): Span[] {
  const groups: { label: string; units: Unit[] }[] = [];
  for (const unit of units) {
    const { label, begins } = readTag(unit.tag);
    const last = groups.at(-1);
    if (last && last.label === label && !begins) last.units.push(unit);
    else groups.push({ label, units: [unit] });
  }
  return groups.filter(({ label }) => label !== outside).map((group) => join(group.label, group.units));
}
