import { ConfigError, type Model, PolymodalError } from '@polymodal/core';
import type { LoadedPretrained } from '@polymodal/hub';
import { installed } from '../command/installed';
import { wholeFamilies } from './whole-families';

/**
 * A model of ours as Python knows it: the whole, where all of it once came out of one checkpoint, or one of its encoders.
 *
 * @param slot that of the encoder
 * @throws ConfigError for what Python has no class for, saying which encoders it has one for
 * @throws UnknownNameError for a slot that the model does not have
 */
export async function pythonModel(model: Model, slot: string | undefined): Promise<LoadedPretrained> {
  const hub = () => installed(() => import('@polymodal/hub'), 'hub convert', '@polymodal/hub');
  const { pretrainedPart, pretrainedWhole } = await hub();
  if (slot !== undefined) return withOption(() => pretrainedPart(model, slot));
  const families = (await wholeFamilies()) as Parameters<typeof pretrainedWhole>[0];
  try {
    return pretrainedWhole(families, model);
  } catch (error) {
    if (!PolymodalError.isInstance(error)) throw error;
    const able = Object.keys(model.config.encoders).filter((own) => isPart(() => pretrainedPart(model, own)));
    throw new ConfigError({
      where: 'hub convert',
      expected: 'a model that came whole out of a checkpoint, as CLIP or GPT-2',
      received: `one with ${describeParts(model)}`,
      hint:
        able.length > 0
          ? `Its pretrained encoders go back one by one: ${able.map((own) => `--slot ${own}`).join(' or ')}`
          : 'Python has no class for it. Other programs run it as ONNX: polymodal export',
      cause: error,
    });
  }
}

function isPart(take: () => unknown): boolean {
  try {
    take();
    return true;
  } catch {
    return false;
  }
}

/** Errors name the option as the command line does. */
function withOption<T>(take: () => T): T {
  try {
    return take();
  } catch (error) {
    throw PolymodalError.isInstance(error) ? error.at('--slot') : error;
  }
}

function describeParts({ config: { encoders, fusion, heads } }: Model): string {
  const uses = [...Object.values(encoders), fusion, ...Object.values(heads)].map(({ use }) => use);
  return [...new Set(uses)].join(', ');
}
