import { describeValue } from '../describe-value';
import { ConfigError } from '../errors';
import type { Model } from '../model';
import { ModuleBuffer } from '../module-buffer';
import type { Parameter } from '../parameter';
import { readParameters } from '../parameter-values';
import type { ChangedModel } from './changed-model';
import type { SlotChange, SlotRules } from './slot-rules';

type Options = Readonly<Record<string, unknown>>;

/** What is said of the change whose parameters are carried over. */
interface CarriedChange {
  readonly caller: string;
  readonly change: SlotChange<Options>;
  readonly rules: SlotRules<Options, unknown>;
}

/**
 * Gives the parameters of a model without values those of the former model: to the bit, and whether they learn. What is new stays
 * without one.
 *
 * @throws ConfigError for a parameter of another shape that is not of the slot
 */
export async function carryOver(
  former: Model,
  model: Model,
  { caller, change, rules }: CarriedChange,
): Promise<Omit<ChangedModel, 'model'>> {
  const { kind, slot } = change;
  const sources = former.parameters();
  const parameters = model.parameters();
  const fused = rules.carry ? await readParameters(former.fusion) : new Map();
  const isEncoders = (path: string) => kind === 'swapped' && path.startsWith(`encoders.${slot}.`);
  const newParameters: string[] = [];
  const reshapedParameters: string[] = [];
  for (const [path, parameter] of parameters) {
    const source = isEncoders(path) ? undefined : sources.get(path);
    const [part, ...within] = path.split('.');
    const carried = source && part === 'fusion' && rules.carry?.(within.join('.'), parameter.shape, fused, change);
    if (source && carried) {
      parameter.adoptValues(carried);
      reshapedParameters.push(path);
    } else if (source && String(source.shape) === String(parameter.shape)) {
      parameter.assignValues(await source.viewValues());
    } else {
      if (source && !within.includes(slot)) throw otherShape(path, source, parameter, { caller, slot });
      newParameters.push(path);
    }
    if (!newParameters.includes(path)) parameter.trainable = source!.trainable;
    // What comes into a part that is frozen was not there when it was frozen; the encoder is as its own slot says.
    else if (part !== 'encoders') parameter.trainable = !(parameter instanceof ModuleBuffer);
  }
  const leftParameters = [...sources.keys()].filter((path) => !parameters.has(path) || isEncoders(path));
  return { newParameters, reshapedParameters, leftParameters };
}

function otherShape(
  path: string,
  former: Parameter,
  parameter: Parameter,
  { caller, slot }: { readonly caller: string; readonly slot: string },
): ConfigError {
  return new ConfigError({
    where: caller,
    expected: `parameters whose shapes do not depend on ${describeValue(slot)}, but for those of the slot itself`,
    received: `${path}, which would go from [${former.shape}] to [${parameter.shape}]`,
    hint:
      'What it learned would be lost. Where answers may change, compose the other model with composeModel, and give it what ' +
      'this one learned with startFrom of @polymodal/trainer.',
  });
}
