import type { Batch } from './batch';
import type { Context } from './context';
import { describeValue } from './describe-value';
import { MissingModalityError, UnknownNameError } from './errors';
import { describeRequirements, fulfils, type Head, type HeadInput } from './head';
import { suggestNames } from './nearest-names';
import { selectRows } from './select-rows';
import type { Fused } from './tokens';

/** A head and the positions in the batch of the rows that it runs on. */
export interface Route {
  readonly name: string;
  readonly rows: readonly number[];
}

/** The heads of a model and which feeds which. It decides who runs on what, and runs parents before children. */
export class HeadTree {
  constructor(
    readonly heads: Readonly<Record<string, Head>>,
    private readonly inputs: Readonly<Record<string, string>>,
  ) {}

  /**
   * The heads that run on a sample with these modalities.
   *
   * @param requested heads that must run on it; by default each that can does
   * @param where how error messages call the sample
   * @throws MissingModalityError where a requested head, or every head, cannot
   */
  namesFor(present: readonly string[], requested: readonly string[] | undefined, where: string): readonly string[] {
    const names = requested ?? Object.keys(this.heads);
    const able = names.filter((name) => this.#canRun(name, present));
    const [missing] = names.filter((name) => !able.includes(name));
    if (missing !== undefined && (requested || able.length === 0)) throw this.#missing(missing, present, where);
    return able;
  }

  /**
   * The rows for each head, by the modalities that are present.
   *
   * @param requested heads that must run on every row; by default each head runs where it can
   * @param label how error messages call a row
   * @throws MissingModalityError where a requested head, or every head, cannot run on a row
   */
  routes(batch: Batch, requested?: readonly string[], label = (row: number) => `row ${row}`): Route[] {
    const names = requested ?? Object.keys(this.heads);
    this.checkNames(names);
    const able = presentByRow(batch).map((present, row) => this.namesFor(present, requested, label(row)));
    return names
      .map((name) => ({ name, rows: able.flatMap((own, row) => (own.includes(name) ? [row] : [])) }))
      .filter(({ rows }) => rows.length > 0);
  }

  /** @throws UnknownNameError for a name that no head has */
  checkNames(names: readonly string[]): void {
    for (const name of names) {
      if (Object.hasOwn(this.heads, name)) continue;
      throw new UnknownNameError({
        where: 'heads',
        expected: 'the name of a head of this model',
        received: describeValue(name),
        hint: suggestNames(name, Object.keys(this.heads)),
      });
    }
  }

  /** What a head is given for some rows, with its parents run before it. */
  input(name: string, rows: readonly number[], fused: Fused, context: Context): HeadInput {
    const parent = this.inputs[name];
    return {
      fused: selectRows(fused, rows),
      parent:
        parent === 'fused' ? undefined : this.heads[parent].forward(this.input(parent, rows, fused, context), context),
    };
  }

  /** A head can run where its own requirements and those of all that feed it are met. */
  #canRun(name: string, present: readonly string[]): boolean {
    const parent = this.inputs[name];
    return fulfils(this.heads[name].requires, present) && (parent === 'fused' || this.#canRun(parent, present));
  }

  #missing(name: string, present: readonly string[], where: string): MissingModalityError {
    return new MissingModalityError({
      where: `${where}, head "${name}"`,
      expected: describeRequirements(this.heads[name].requires),
      received: present.join(', ') || 'no modality',
      hint: 'Give the sample what is missing, or ask for other heads.',
    });
  }
}

/** The modalities of each row of a batch. */
function presentByRow(batch: Batch): string[][] {
  const present: string[][] = Array.from({ length: batch.size }, () => []);
  for (const [modality, { rows }] of Object.entries(batch.modalities)) {
    for (const row of rows) present[row].push(modality);
  }
  return present;
}
