import { parseConfig } from '@polymodal/core';
import { camelCased, optional } from '@polymodal/hub';
import { type RotaryParameters, rotaryParameters } from '@polymodal/nn';
import { z } from 'zod';

const parameters = z.record(z.string(), z.unknown()).nullish();

/** The options of config.json that rotary positions follow from: `rope_parameters`, or the two before transformers 5. */
export const rotaryOptions = {
  rope_parameters: parameters,
  rope_scaling: parameters,
  rope_theta: optional(z.number().positive(), 10000),
};

/** {@link rotaryOptions} once parsed. */
export interface RotaryOptions {
  readonly ropeParameters?: Readonly<Record<string, unknown>> | null;
  readonly ropeScaling?: Readonly<Record<string, unknown>> | null;
  readonly ropeTheta: number;
}

/** @throws ConfigError for a kind of scaling that is unknown, or an option that it has not */
export function resolveRotaryParameters({ ropeParameters, ropeScaling, ropeTheta }: RotaryOptions): RotaryParameters {
  const { type, ropeType = type ?? 'default', ...given } = camelCased(ropeParameters ?? ropeScaling ?? {});
  return parseConfig(
    rotaryParameters,
    { ropeTheta, ...given, ropeType },
    ropeParameters ? 'rope_parameters' : 'rope_scaling',
  );
}
