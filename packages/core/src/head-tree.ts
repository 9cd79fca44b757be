import { describeValue } from './describe-value';
import { MissingModalityError, UnknownNameError } from './errors';
import type { Head, HeadInput } from './head';
import type { HeadOutput } from './head-output';
import { suggestNames } from './nearest-names';
import { askPart } from './part/ask-part';
import type { NamedHead } from './part/run-head';
import type { PresentRows } from './present-rows';
import { requireArgument } from './require-argument';
import { describeRequirements, fulfils, type Requirements } from './requirements';
import { selectRows } from './select-rows';
import type { Fused } from './tokens';

/** A head and the positions in the batch of the rows that it runs on. */
export interface Route {
  readonly name: string;
  /** Ascending. */
  readonly rows: readonly number[];
}

/** The heads of a model and which feeds which. It decides who runs on what, and in which order: each head once, parents first. */
export class HeadTree {
  /** Names, parents before their children. */
  readonly #order: readonly string[];

  /** For each head `'fused'` or the name of the head that feeds it. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly #ofFusion: Requirements;
  readonly #ofConfig: Readonly<Record<string, Requirements>>;

  /**
   * @param inputs for each head `'fused'` or the name of the head that feeds it
   * @param ofFusion what the fusion requires of every row
   * @param ofConfig what the config requires for a head, beside what the head does
   */
  constructor(
    readonly heads: Readonly<Record<string, Head>>,
    inputs: Readonly<Record<string, string>>,
    ofFusion: Requirements,
    ofConfig: Readonly<Record<string, Requirements>> = {},
  ) {
    this.inputs = inputs;
    this.#ofFusion = ofFusion;
    this.#ofConfig = ofConfig;
    const depth = (name: string): number => (inputs[name] === 'fused' ? 0 : 1 + depth(inputs[name]));
    this.#order = Object.keys(heads).sort((a, b) => depth(a) - depth(b));
  }

  /** A head, to be run. */
  named(name: string): NamedHead {
    return { name, head: this.heads[name] };
  }

  /** Whether a head runs on a sample with these modalities: its own requirements are met, and those of all that feed it. */
  canRun(name: string, present: readonly string[]): boolean {
    return this.unmet(name, present) === undefined;
  }

  /** What of that a sample with these modalities does not fulfil, and who requires it. */
  unmet(name: string, present: readonly string[]): Unmet | undefined {
    for (let own = name; own !== 'fused'; own = this.inputs[own]) {
      const requires = this.requirementsOf(own).find((one) => !fulfils(one, present));
      if (requires) return { requires, by: own };
    }
    return fulfils(this.#ofFusion, present) ? undefined : { requires: this.#ofFusion, by: 'fused' };
  }

  /** What a head requires of a row, what feeds it aside: by itself, and by the config. */
  requirementsOf(name: string): readonly Requirements[] {
    const ofConfig = this.#ofConfig[name];
    return ofConfig ? [this.heads[name].requires, ofConfig] : [this.heads[name].requires];
  }

  /**
   * The heads that run on a sample with these modalities.
   *
   * @param requested heads that must run on it; by default each that can does
   * @param where how error messages call the sample
   * @throws MissingModalityError where a requested head, or every head, cannot
   */
  namesFor(present: readonly string[], requested: readonly string[] | undefined, where: string): readonly string[] {
    const names = requested ?? Object.keys(this.heads);
    const able = names.filter((name) => this.canRun(name, present));
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
  routes(present: PresentRows, requested?: readonly string[], label = (row: number) => `row ${row}`): Route[] {
    const names = requested ?? Object.keys(this.heads);
    this.checkNames(names);
    const able = modalitiesByRow(present).map((own, row) => this.namesFor(own, requested, label(row)));
    return names
      .map((name) => ({ name, rows: able.flatMap((own, row) => (own.includes(name) ? [row] : [])) }))
      .filter(({ rows }) => rows.length > 0);
  }

  /**
   * All that has to run for some heads to answer: they and what feeds them, each once, parents first, on every row that one of them
   * needs. What nobody needs is not run.
   */
  plan(asked: readonly Route[]): Route[] {
    const needed = new Map<string, Set<number>>();
    for (const { name: own, rows } of asked) {
      for (let name = own; name !== 'fused'; name = this.inputs[name]) {
        needed.set(name, new Set([...(needed.get(name) ?? []), ...rows]));
      }
    }
    return this.#order.flatMap((name) => {
      const rows = needed.get(name);
      return rows ? [{ name, rows: [...rows].sort((a, b) => a - b) }] : [];
    });
  }

  /** @throws UnknownNameError for a name that no head has */
  checkNames(names: readonly string[]): void {
    requireArgument(Array.isArray(names), 'heads', 'a list of names', names);
    for (const name of names) {
      if (typeof name === 'string' && Object.hasOwn(this.heads, name)) continue;
      throw new UnknownNameError({
        where: 'heads',
        expected: 'the name of a head of this model',
        received: describeValue(name),
        hint: suggestNames(String(name), Object.keys(this.heads)),
      });
    }
  }

  /**
   * What a head of a {@link plan} is given.
   *
   * @param made what the heads before it in the plan computed
   */
  input({ name, rows }: Route, fused: Fused, made: Readonly<Record<string, HeadOutput>>): HeadInput {
    return { fused: selectRows(fused, rows), parent: this.parentOutput({ name, rows }, made) };
  }

  /** What the head that feeds another one made of its rows; `undefined` where the fusion does. */
  parentOutput({ name, rows }: Route, made: Readonly<Record<string, HeadOutput>>): unknown {
    const parent = this.inputs[name];
    return parent === 'fused' ? undefined : this.#rowsOf(parent, rows, made[parent]);
  }

  #rowsOf(name: string, rows: readonly number[], made: HeadOutput): unknown {
    if (rows.length === made.rows.length) return made.output;
    const positions = rows.map((row) => made.rows.indexOf(row));
    return askPart(`head "${name}"`, 'selectRows()', () =>
      this.heads[name].selectRows(made.output, positions, made.rows.length),
    );
  }

  #missing(name: string, present: readonly string[], where: string): MissingModalityError {
    const unmet = this.unmet(name, present) as Unmet;
    return new MissingModalityError({
      where: `${where}, head "${name}"`,
      expected: describeUnmet(unmet, name),
      received: present.join(', ') || 'no modality',
      hint: unmet.requires.none?.some((own) => present.includes(own))
        ? 'Ask for other heads of such a sample.'
        : 'Give the sample what is missing, or ask for other heads.',
    });
  }
}

/** What a head, or what feeds it, requires of a row and the row does not fulfil. */
export interface Unmet {
  readonly requires: Requirements;
  /** The name of a head, or `'fused'` for the fusion. */
  readonly by: string;
}

/** The same in words. @param head the one that cannot run */
export function describeUnmet({ requires, by }: Unmet, head: string): string {
  const whose =
    { [head]: '', fused: ', which the fusion requires' }[by] ?? `, which the head "${by}" that feeds it requires`;
  return `${describeRequirements(requires)}${whose}`;
}

/** The modalities of each row of a batch. */
function modalitiesByRow({ size, rows }: PresentRows): string[][] {
  const present: string[][] = Array.from({ length: size }, () => []);
  for (const [modality, own] of Object.entries(rows)) for (const row of own) present[row].push(modality);
  return present;
}
