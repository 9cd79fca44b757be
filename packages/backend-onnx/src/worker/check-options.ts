import { availableParallelism } from 'node:os';
import { InferenceOptionsError } from './inference-errors';

/** What each option may be: ONNX Runtime makes as many threads as it is told to, however few cores there are. */
const ranges = {
  maxQueue: { least: 0, most: Number.POSITIVE_INFINITY },
  threads: { least: 1, most: 4 * availableParallelism() },
} as const;

/** @throws InferenceOptionsError for a model that is none, and for an option that is unknown or no number in its range */
export function checkOptions(model: unknown, options: unknown): void {
  if (!(typeof model === 'string' && model !== '') && !(model instanceof Uint8Array)) {
    refuse('The model cannot be loaded.', 'the path of an ONNX file, or its bytes', kindOf(model));
  }
  if (typeof options !== 'object' || options === null) {
    refuse('The options cannot be read.', 'an object', kindOf(options));
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const range = Object.hasOwn(ranges, name) ? ranges[name as keyof typeof ranges] : undefined;
    if (!range)
      refuse(`There is no option "${name.slice(0, 50)}".`, Object.keys(ranges).join(' or '), `"${name.slice(0, 50)}"`);
    const isInRange = typeof value === 'number' && value >= range.least && value <= range.most;
    if (isInRange && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY)) continue;
    const most = range.most === Number.POSITIVE_INFINITY ? 'or more, or Infinity' : `to ${range.most}`;
    refuse(`The option "${name}" cannot be used.`, `a whole number, ${range.least} ${most}`, kindOf(value));
  }
}

function refuse(message: string, expected: string, received: string): never {
  throw new InferenceOptionsError(message, {
    expected,
    received,
    hint: 'For example: createInferenceWorker("model.onnx", { threads: 2 }).',
  });
}

function kindOf(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 50)) : `a value of type ${typeof value}`;
}
