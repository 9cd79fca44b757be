import { type Features, type Lengths, type PreparedSample, targetPart } from '@polymodal/core';
import { restrictSample } from './restrict-sample';
import { type BatchLengths, kindOf, modalitiesOf, type SampleShape } from './sample-shape';

/** So many more of each kind as heads that compare samples need. */
const others = 2;

/** Samples that stand for all of their kind, of whatever length. */
export class KindExamples {
  /** By kind: samples of which none are longer than others in every length, and a few more. */
  readonly #known = new Map<string, { readonly shape: SampleShape; readonly sample: PreparedSample }[]>();
  /** The first target of each head. */
  readonly #targets = new Map<string, { readonly lengths: Lengths; readonly target: Features }>();

  /** @param shape of the sample */
  see(sample: PreparedSample, shape: SampleShape): void {
    for (const [head, target] of Object.entries(sample.targets)) {
      if (this.#targets.has(head)) continue;
      this.#targets.set(head, { lengths: shape[targetPart(head)]?.lengths ?? {}, target });
    }
    const kind = kindOf(shape, modalitiesOf(shape));
    const known = this.#known.get(kind) ?? [];
    this.#known.set(kind, known);
    const longer = known.filter((own) => !isWithin(own.shape, shape));
    if (known.length < others || longer.length === known.length) known.push({ shape, sample });
  }

  /**
   * Some with these modalities, and all targets that fit.
   *
   * @param shape   of one of their kind
   * @param lengths that they are to be padded to
   */
  of(shape: SampleShape, modalities: readonly string[], lengths: BatchLengths): PreparedSample[] {
    const isAlike = (own: SampleShape) =>
      modalities.every((slot) => isSame(own[slot]?.fixed, shape[slot]?.fixed, slot in own));
    const targets = Object.fromEntries(
      [...this.#targets].flatMap(([head, own]) =>
        holds(lengths[targetPart(head)] ?? {}, own.lengths) ? [[head, own.target] as const] : [],
      ),
    );
    return [...this.#known.values()]
      .flat()
      .filter((own) => isAlike(own.shape) && fits(own.shape, modalities, lengths))
      .map(({ sample }) => restrictSample({ ...sample, targets: { ...targets, ...sample.targets } }, modalities));
  }
}

function isSame(a: unknown, b: unknown, isThere: boolean): boolean {
  return isThere && JSON.stringify(a) === JSON.stringify(b);
}

/** Whether a sample is no longer than another, in any length. */
function isWithin(own: SampleShape, other: SampleShape): boolean {
  return Object.entries(own).every(([part, { lengths = {} }]) => holds(other[part]?.lengths ?? {}, lengths));
}

function fits(own: SampleShape, modalities: readonly string[], lengths: BatchLengths): boolean {
  const parts = Object.keys(own).filter((part) => modalities.includes(part) || part in lengths);
  return parts.every((part) => holds(lengths[part] ?? {}, own[part].lengths ?? {}));
}

function holds(lengths: Lengths, own: Lengths): boolean {
  return Object.entries(own).every(([name, length]) => length <= (lengths[name] ?? 0));
}
