import { memoryLimit } from './memory-limit';
import type { ParameterLimit } from './parameter-limit';

/** More parameters than the largest models have, of a thousand layers or so, are a slip of the pen. */
const mostParameters = 100_000;

/**
 * How large a model may be.
 *
 * @param initialized whether its parameters get values, which memory must hold; else a checkpoint has them
 */
export function modelLimit(initialized: boolean): ParameterLimit {
  const bytes = initialized ? memoryLimit() : Number.POSITIVE_INFINITY;
  const memory = Number.isFinite(bytes) ? `, and values that ${(bytes / 2 ** 30).toFixed(1)} GiB of memory hold` : '';
  return {
    count: mostParameters,
    values: bytes / Float32Array.BYTES_PER_ELEMENT,
    expected: `a model of at most ${mostParameters} parameters${memory}`,
    hint: 'A number of layers or a size is too large.',
  };
}
