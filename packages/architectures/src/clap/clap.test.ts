import { fileURLToPath } from 'node:url';
import { registerOnnxBackend } from '@polymodal/backend-onnx';
import { ConfigError } from '@polymodal/core';
import { audioFamilies } from '@polymodal/encoder-audio/pretrained';
import { textFamilies } from '@polymodal/encoder-text/pretrained';
import { createFromConfig, loadPretrained } from '@polymodal/hub';
import { describeDualTower, familyFixtures } from '@polymodal/testing/family';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { clap } from '.';

registerOnnxBackend();

const fixtures = fileURLToPath(new URL('../../fixtures/families/clap', import.meta.url));

describe.each(['cpu', 'onnx'])('clap on %s', (backend) => {
  beforeAll(() => tf.setBackend(backend));
  describeDualTower([clap], fixtures);
});

it.each(familyFixtures(fixtures))(
  'of "%s" each tower is taken alone, with the parameters that it has in the whole',
  async (name) => {
    const directory = `${fixtures}/${name}`;
    const { model } = await loadPretrained([clap], directory);
    const audio = await loadPretrained(audioFamilies, directory);
    const text = await loadPretrained(textFamilies, directory);
    for (const [modality, tower] of [
      ['audio', audio.model],
      ['text', text.model],
    ] as const) {
      const whole = model.encoders[modality].parameters();
      expect([...tower.parameters().keys()]).toEqual([...whole.keys()]);
      for (const [path, parameter] of tower.parameters()) {
        expect([path, parameter.value.dataSync()]).toEqual([path, whole.get(path)!.value.dataSync()]);
      }
    }
    expect([audio.configFile.model_type, text.configFile.model_type]).toEqual(['clap_audio_model', 'clap_text_model']);
  },
);

describe('clap', () => {
  const config = { model_type: 'clap' };

  it('starts from the scale of its config in both directions', () => {
    const { model } = createFromConfig([clap], config);
    const scales = ['audio', 'text'].map((name) => model.parameters().get(`heads.match.logitScale.${name}`)!);
    for (const { initializer } of scales)
      expect(initializer([], undefined as never)[0]).toBeCloseTo(Math.log(1 / 0.07));
  });

  it.each([
    [{ audio_config: { hidden_size: 96 } }, 'audio_config.hidden_size: expected the width of the last stage, 768'],
    [{ audio_config: { flatten_patch_embeds: false } }, 'audio_config.flatten_patch_embeds: expected true'],
    [{ text_config: { position_embedding_type: 'relative_key' } }, 'text_config.position_embedding_type'],
    [{ projection_hidden_act: 'mish' }, 'projection_hidden_act'],
    [{ projecton_dim: 3 }, 'projecton_dim'],
  ])('refuses %j by name', (options, message) => {
    const make = () => createFromConfig([clap], { ...config, ...options });
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });
});
