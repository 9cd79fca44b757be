import { PolymodalError, type PolymodalErrorDetails } from '@polymodal/core';

/** Where a checkpoint and a model differ. */
export interface KeyDifferences {
  /** Tensors that the model needs and the checkpoint has not. */
  readonly missing: readonly string[];
  /** Tensors of the checkpoint that the model has no use for. */
  readonly unexpected: readonly string[];
  /** Tensors of another shape or type: `name: expected [2, 3], received [3, 2]`. */
  readonly misshaped: readonly string[];
  /** Tensors that stand in the checkpoint under two names: `a and b`. */
  readonly duplicate: readonly string[];
}

/** A checkpoint whose tensors are not those of the model. Nothing of it has been loaded. */
export class CheckpointKeysError extends PolymodalError {
  static override readonly code: string = 'CHECKPOINT_KEYS';
  readonly differences: KeyDifferences;

  constructor({ differences, ...details }: PolymodalErrorDetails & { readonly differences: KeyDifferences }) {
    super(details);
    this.differences = differences;
  }

  override at(where: string): this {
    const { expected, received, hint, differences } = this;
    const details = { where, expected, received, ...(hint !== undefined && { hint }), cause: this, differences };
    return new CheckpointKeysError(details) as this;
  }
}

/** @throws CheckpointKeysError if there are differences */
export function checkDifferences(where: string, expected: string, differences: KeyDifferences): void {
  const kinds = Object.entries(differences).filter(([, names]) => names.length > 0);
  if (kinds.length === 0) return;
  const received = kinds.map(([kind, names]) => `${names.length} ${kind}: ${listed(names)}`).join('; ');
  throw new CheckpointKeysError({
    where,
    expected,
    received,
    hint: 'The checkpoint is of another model, or its config.json is of another checkpoint.',
    differences,
  });
}

/** An error message is to be read: the whole list stands in `differences`. */
const mostListed = 20;

function listed(names: readonly string[]): string {
  const more = names.length - mostListed;
  return `${names.slice(0, mostListed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
