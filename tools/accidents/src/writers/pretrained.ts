import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { initialize, type Module, RandomKey, readParameters } from '@polymodal/core';
import { bert } from '@polymodal/encoder-text/pretrained';
import { createFromConfig, loadPretrained, openCheckpoint, savePretrained } from '@polymodal/hub';
import { MixtureError, type Version, type Writer } from '../writer';

const epsilons: Readonly<Record<Version, number>> = { A: 1e-6, B: 2e-6 };

/** `savePretrained` and `loadPretrained`, and a reader that knows only what Python knows. */
export function pretrainedWriter(maxShardSize: number): Writer {
  const models = { A: create('A'), B: create('B') };
  return {
    write: (folder, version) => savePretrained(models[version], folder, { maxShardSize }),
    async read(folder) {
      await readAsPython(folder);
      const { model, config } = await loadPretrained([bert], folder);
      try {
        const version = config.layerNormEps === epsilons.A ? 'A' : 'B';
        await requireSame(model, models[version].model, version);
        return version;
      } finally {
        model.dispose();
      }
    },
  };

  /** from_pretrained takes config.json, and of the weights model.safetensors before an index. */
  async function readAsPython(folder: string): Promise<void> {
    const configPath = join(folder, 'config.json');
    const before = statSync(configPath, { throwIfNoEntry: false });
    if (!before) return;
    const config = readFileSync(configPath, 'utf8');
    if (!config.endsWith('}\n')) return; // cut short: Python says so
    const version = JSON.parse(config).layer_norm_eps === epsilons.A ? 'A' : 'B';
    const names = ['model.safetensors', 'model.safetensors.index.json'].map((name) => join(folder, name));
    const path = names.find((name) => existsSync(name));
    if (path === undefined) return; // Python says so
    const checkpoint = await openCheckpoint(path);
    const { data } = await checkpoint.read('embeddings.word_embeddings.weight');
    await checkpoint.close();
    const [expected] = (await readParameters(models[version].model)).values();
    const after = statSync(configPath, { throwIfNoEntry: false });
    if (after?.ino !== before.ino || after.mtimeMs !== before.mtimeMs) return; // replaced between two reads: no state of the folder
    if (data.some((value, i) => value !== expected.data[i]))
      throw new MixtureError(`Python finds a config of ${version} alone`);
  }
}

function create(version: Version) {
  const made = createFromConfig([bert], {
    ...{ model_type: 'bert', hidden_size: 96, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 384 },
    ...{ vocab_size: 500, max_position_embeddings: 64, layer_norm_eps: epsilons[version] },
  });
  initialize(made.model, RandomKey.from(version === 'A' ? 1 : 2));
  return made;
}

async function requireSame(loaded: Module, saved: Module, version: Version): Promise<void> {
  const expected = await readParameters(saved);
  for (const [name, { data }] of await readParameters(loaded)) {
    if (!Buffer.from(data.buffer).equals(Buffer.from(expected.get(name)!.data.buffer))) {
      throw new MixtureError(`the config of ${version} with another's ${name}`);
    }
  }
}
