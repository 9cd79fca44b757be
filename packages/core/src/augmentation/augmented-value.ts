import { asSampleError } from '../errors';
import type { ProcessContext, Processor } from '../processor';
import { changesValues, drawnKey } from './augmentation';

/**
 * A raw value as the augmentations of its slot leave it, in training: what its processor makes features of.
 *
 * @param processor reads one value
 */
export async function augmentedValue(processor: Processor, raw: unknown, context: ProcessContext): Promise<unknown> {
  const { augment = [], key, recall } = context;
  const own = augment.filter(changesValues);
  if (!key || own.length === 0 || !processor.read) return raw;
  const read = () => processor.read!(raw, context);
  let value: unknown = await (recall ? recall(raw, read) : read());
  for (const [place, augmentation] of own.entries()) {
    const drawn = drawnKey(augmentation, key.fold('augment').fold(place));
    if (!drawn) continue;
    try {
      value = await augmentation.changeValue(value, drawn);
    } catch (error) {
      throw asSampleError(error, augmentation.use, 'a value that the augmentation can change');
    }
  }
  return value;
}
