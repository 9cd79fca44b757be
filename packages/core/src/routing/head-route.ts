import { describeValue } from '../describe-value';
import { UnknownNameError } from '../errors';
import { describeUnmet } from '../head-tree';
import { suggestNames } from '../nearest-names';
import { requireArgument } from '../require-argument';
import { neededSlots, type RoutedParts } from './needed-slots';

/** What a model does for a head to answer a sample with some modalities. */
export interface HeadRoute {
  readonly answers: boolean;
  /** Where it does not answer: what the sample would have to have, in words. */
  readonly requires?: string;
  /** The heads that run: what feeds it first, and itself at the end. None where it does not answer. */
  readonly heads: readonly string[];
  /** The slots whose encoders run. */
  readonly encoders: readonly string[];
}

/**
 * Which parts run for a head on a sample with these modalities.
 *
 * @param slots all that the model has, in its order
 * @throws UnknownNameError for a head, or a modality, that it does not have
 */
export function headRoute(
  parts: RoutedParts,
  name: string,
  modalities: readonly string[],
  slots: readonly string[],
): HeadRoute {
  parts.tree.checkNames([name]);
  requireArgument(Array.isArray(modalities), 'routeOf', 'a list of modalities', modalities);
  const unknown = modalities.find((slot) => !slots.includes(slot));
  if (unknown !== undefined) {
    throw new UnknownNameError({
      where: 'routeOf',
      expected: 'the name of a modality of this model',
      received: describeValue(unknown),
      hint: suggestNames(String(unknown), slots),
    });
  }
  const present = slots.filter((slot) => modalities.includes(slot));
  const unmet = parts.tree.unmet(name, present);
  if (unmet) return { answers: false, requires: describeUnmet(unmet, name), heads: [], encoders: [] };
  const needed = neededSlots(parts, [name]);
  return {
    answers: true,
    heads: parts.tree.plan([{ name, rows: [] }]).map((route) => route.name),
    encoders: present.filter((slot) => needed?.includes(slot) ?? true),
  };
}
