import { ConfigError } from '@polymodal/core';
import type { StreamedTensor } from '@polymodal/core/node';
import { elementEncoders } from './element-encoders';
import { checkLength, type PlannedTensor } from './tensor-to-save';

/** How many values are encoded at a time. */
const chunkLength = 1 << 18;

/** A tensor whose values are fetched, and become bytes of its type, when its turn comes. @throws ConfigError for a misfit, then */
export function streamTensor({ name, data, shape, dtype }: PlannedTensor): StreamedTensor {
  const where = `tensor "${name}"`;
  return {
    name,
    shape,
    dtype,
    async *bytes() {
      const values = typeof data === 'function' ? await data() : data;
      checkLength(values, shape, where);
      for (let start = 0; start < values.length; start += chunkLength) {
        const encoded = elementEncoders[dtype]!(values.subarray(start, start + chunkLength));
        if (encoded !== undefined && 'bytes' in encoded) {
          yield encoded.bytes;
          continue;
        }
        const received = encoded === undefined ? `a ${values.constructor.name}` : String(encoded.misfit);
        throw new ConfigError({ where, expected: `values that ${dtype} holds`, received });
      }
    },
  };
}
