import { OnnxRuntimeLoadError } from './errors';

/** Each takes a stack and a place in the scheduler, and from some ten thousand on ONNX Runtime waits for them without end. */
const most = 1024;

/**
 * How many threads a program may compute with: what was asked for, or else the environment's `OMP_NUM_THREADS`, as of PyTorch and NumPy (of
 * a list for nested regions, the first). Undefined leaves it to ONNX Runtime, which takes as many as the machine has cores: too many where a
 * container may use fewer, or where other programs compute too, since threads spin while they wait for one another.
 *
 * @throws OnnxRuntimeLoadError for what is no whole number from 1 to 1,024
 */
export function threadCount(
  asked: number | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): number | undefined {
  if (asked !== undefined) return requireCount('threads', asked, asked);
  const given = environment.OMP_NUM_THREADS?.split(',')[0].trim();
  return given ? requireCount('OMP_NUM_THREADS', Number(given), given) : undefined;
}

function requireCount(where: string, count: number, given: unknown): number {
  if (Number.isSafeInteger(count) && count > 0 && count <= most) return count;
  throw new OnnxRuntimeLoadError('ONNX Runtime cannot compute with so many threads.', {
    where,
    expected: `a whole number of threads, 1 to ${most}`,
    received: JSON.stringify(given) ?? String(given),
    hint: 'Leave it out for one to each core of the machine.',
  });
}
