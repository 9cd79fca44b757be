import { composeModel, createRegistry, type Model, readParameters } from '@polymodal/core';
import { loadModel, saveModel } from '@polymodal/core/node';
import { text } from '@polymodal/encoder-text';
import { fusion } from '@polymodal/fusion';
import { heads } from '@polymodal/heads';
import { MixtureError, type Version, type Writer } from '../writer';

const registry = createRegistry([text, fusion, heads]);
const seeds: Readonly<Record<Version, number>> = { A: 1, B: 2 };

/** `saveModel` and `loadModel`. */
export function modelWriter(): Writer {
  const models = { A: compose('A'), B: compose('B') };
  return {
    write: (folder, version) => saveModel(models[version], folder),
    async read(folder) {
      const loaded = await loadModel(registry, folder);
      try {
        return await versionOf(loaded, models);
      } finally {
        loaded.dispose();
      }
    },
  };
}

/** A model whose config and weights differ between the versions, about a megabyte of it. */
function compose(version: Version): Model {
  return composeModel(registry, {
    hiddenSize: 96,
    seed: seeds[version],
    encoders: { note: { use: 'transformer', maxLength: 64, numHiddenLayers: 2, numAttentionHeads: 2 } },
    fusion: { use: 'mean' },
    heads: { verdict: { use: 'classification', labels: [`good ${version}`, `bad ${version}`] } },
  });
}

async function versionOf(loaded: Model, models: Readonly<Record<Version, Model>>): Promise<Version> {
  const version = loaded.config.seed === seeds.A ? 'A' : 'B';
  const expected = await readParameters(models[version]);
  for (const [name, { data }] of await readParameters(loaded)) {
    if (!Buffer.from(data.buffer).equals(Buffer.from(expected.get(name)!.data.buffer))) {
      throw new MixtureError(`the config of ${version} with another's ${name}`);
    }
  }
  return version;
}
