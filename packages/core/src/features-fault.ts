import { describeValue } from './describe-value';
import type { HostTensor } from './features';
import { isRecord } from './require-argument';

/** What is wrong with a value that should be features. */
export interface FeaturesFault {
  /** Whether it is one feature that is wrong, and which. */
  readonly feature?: string;
  readonly expected: string;
  readonly received: string;
}

/**
 * What keeps a value from being features, named host tensors whose data fit their shapes; `undefined` where nothing does.
 *
 * @param rows the first axis of each, once they are collated
 */
export function featuresFault(value: unknown, rows?: number): FeaturesFault | undefined {
  if (!isRecord(value)) return { expected: 'named host tensors', received: describeValue(value) };
  const names = Object.keys(value);
  if (names.length === 0) return { expected: 'named host tensors, at least one', received: 'none' };
  for (const feature of names) {
    const fault = tensorFault(value[feature], rows);
    if (fault) return { feature, ...fault };
  }
  return undefined;
}

const arrays = [Float32Array, Int32Array, Uint16Array, Int16Array, Uint8Array];

function tensorFault(value: unknown, rows: number | undefined): FeaturesFault | undefined {
  const { data, shape } = (value ?? {}) as Partial<HostTensor>;
  if (!Array.isArray(shape) || !arrays.some((Values) => data instanceof Values)) {
    const received = isRecord(value)
      ? `data ${describeValue(data)}, shape ${describeValue(shape)}`
      : describeValue(value);
    return { expected: `a shape, and data in ${arrays.map((own) => own.name).join(', ')}`, received };
  }
  const size = shape.reduce((product: number, length: number) => product * length, 1);
  if (data?.length !== size) return { expected: `${size} values for shape [${shape}]`, received: `${data?.length}` };
  if (rows === undefined || shape[0] === rows) return undefined;
  return { expected: `the ${rows} rows as first axis`, received: `shape [${shape}]` };
}
