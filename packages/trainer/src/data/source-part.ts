import { ConfigError, type Model } from '@polymodal/core';
import { type ActiveSlots, activeShape } from './active-slots';
import { canLearn } from './can-learn';
import type { FeatureStore } from './feature-store';
import { modalitiesOf, type SampleShape } from './sample-shape';

/** What of a source takes part in a stage. */
export interface SourcePart {
  readonly store: FeatureStore;
  /** Of all samples, without slots that are as absent. */
  readonly shapes: readonly SampleShape[];
  /** Those that come: on which one of the heads runs that learn. All where none is given. */
  readonly among: ReadonlySet<number> | undefined;
}

/** Whom a {@link SourcePart} is for. */
interface PartOptions {
  readonly heads: readonly string[];
  readonly where: string;
  readonly name: string;
}

/** @throws ConfigError where nothing of a source takes part */
export function sourcePart(
  model: Model,
  store: FeatureStore,
  activate: ActiveSlots,
  { heads, where, name }: PartOptions,
): SourcePart {
  if (activate === false) return { store, shapes: store.shapes, among: undefined };
  const shapes = store.shapes.map((shape) => activeShape(shape, activate));
  const among = shapes.flatMap((shape, index) => (canLearn(model, modalitiesOf(shape), heads) ? [index] : []));
  if (among.length > 0) return { store, shapes, among: new Set(among) };
  throw new ConfigError({
    where: `${where}.activate`,
    expected: `samples in ${name} that one of the heads ${heads.join(', ')} runs on`,
    received: `none with ${activate.join(', ')} alone`,
  });
}

/** The shapes of the samples that come. */
export function comingShapes({ shapes, among }: SourcePart): readonly SampleShape[] {
  return among ? shapes.filter((_, index) => among.has(index)) : shapes;
}
