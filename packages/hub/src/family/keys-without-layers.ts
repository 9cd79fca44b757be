import type { KeyMap } from './key-map';

const layers = 'layers.{i}.';

/**
 * The key map of a model that keeps the first layers of its checkpoint (`numHiddenLayers`): the tensors of those that follow are
 * passed over.
 *
 * @param kept how many layers the model has
 */
export function keysWithoutLayers({ ignored = [], ...keys }: KeyMap, kept: number): KeyMap {
  const ofLayers = keys.entries.filter(({ ours }) => [ours].flat()[0].startsWith(layers));
  const prefixes = new Set(ofLayers.map(({ theirs }) => theirs.slice(0, theirs.indexOf('{i}') + '{i}'.length)));
  const beyond = [...prefixes].map((prefix) => ({
    theirs: `${prefix}.**`,
    from: kept,
    reason: 'a layer that numHiddenLayers leaves out',
  }));
  return { ...keys, ignored: [...ignored, ...beyond] };
}
