import { describeValue, SampleError, suggestNames, type Targets } from '@polymodal/core';

/** The classes of a head, and how a target names one of them. */
export class ClassLabels {
  readonly #indices: ReadonlyMap<string, number>;

  /**
   * @param labels the classes, in order
   * @param target the name under which a sample's targets hold its class
   */
  constructor(
    readonly labels: readonly string[],
    readonly target: string,
  ) {
    this.#indices = new Map(labels.map((label, index) => [label, index]));
  }

  /**
   * The class of each row that has one: a label, or the index of one.
   *
   * @throws SampleError for an unknown label or an index out of range
   */
  read(targets: readonly (Targets | undefined)[]): readonly { readonly row: number; readonly index: number }[] {
    return targets.flatMap((all, row) => {
      const index = all && this.#index(all, `row ${row}, `);
      return index === undefined ? [] : [{ row, index }];
    });
  }

  /** @throws SampleError as {@link read}, of one sample */
  check(targets: Targets): void {
    this.#index(targets, '');
  }

  #index(targets: Targets, place: string): number | undefined {
    const value = targets[this.target];
    if (value === undefined || value === null) return undefined;
    const index = typeof value === 'string' ? this.#indices.get(value) : value;
    if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < this.labels.length) {
      return index as number;
    }
    throw new SampleError({
      where: `${place}targets.${this.target}`,
      expected: `one of ${this.labels.length} labels, or an index from 0 to ${this.labels.length - 1}`,
      received: describeValue(value),
      ...(typeof value === 'string' && { hint: suggestNames(value, this.labels) }),
    });
  }
}
