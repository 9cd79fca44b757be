import { describeValue } from '../describe-value';
import { ConfigError } from '../errors';
import type { Model } from '../model';
import { encoderOfOne } from '../several/several-encoder';

/** Gives the encoder of a slot the values that it has in another model. @throws ConfigError for one of other sizes there */
export async function takeEncoder(donor: Model, model: Model, slot: string, caller: string): Promise<void> {
  const given = donor.encoders[slot];
  const own = model.encoders[slot];
  const values = given.parameters();
  // Of a slot that takes several values in the model alone, the encoder of one.
  const taking = encoderOfOne(given) === given ? encoderOfOne(own) : own;
  for (const [path, parameter] of taking.parameters()) {
    const source = values.get(path);
    if (String(source?.shape) !== String(parameter.shape)) {
      throw new ConfigError({
        where: `${caller}, the model with the encoder`,
        expected: `an encoder ${describeValue(slot)} of the same sizes there, ${path} of shape [${parameter.shape}]`,
        received: source ? `[${source.shape}]` : 'none',
        hint: `Where its slot states no hiddenSize, it is that of its model: ${donor.config.hiddenSize} there, ${model.config.hiddenSize} here.`,
      });
    }
    parameter.assignValues(await source!.viewValues());
  }
}
