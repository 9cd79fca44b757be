import { InferenceRequestError } from './inference-errors';
import type { InferenceTensors } from './inference-tensor';

/**
 * Refuses tensors that cannot be sent to another thread, or not as what they claim to be: above all those whose memory was
 * handed over before, which are empty since.
 *
 * @throws InferenceRequestError
 */
export function checkInputs(inputs: InferenceTensors): void {
  if (typeof inputs !== 'object' || inputs === null)
    refuse("tensors by the names of the model's inputs", typeof inputs);
  for (const [name, tensor] of Object.entries(inputs)) {
    const { data, shape } = tensor ?? {};
    if (!ArrayBuffer.isView(data) || !Array.isArray(shape)) {
      refuse(
        `${name} as { data, shape }: a typed array, and the size of each axis`,
        tensor === null ? 'null' : typeof tensor,
      );
    }
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (data.length === size) continue;
    const received = `${data.length} in an array of shape [${shape}]`;
    if (data.length > 0) refuse(`${size} values of ${name}`, received);
    refuse(
      `${size} values of ${name}`,
      received,
      'Memory that was handed over with transfer is gone: make a new array for each request, or leave transfer out.',
    );
  }
}

function refuse(
  expected: string,
  received: string,
  hint = 'See InferenceTensor for what a tensor consists of.',
): never {
  throw new InferenceRequestError('The request cannot be sent to the model.', { expected, received, hint });
}
