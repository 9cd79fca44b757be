import { ConfigError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { generationConfig } from './generation-config';

const configFile = { model_type: 'gpt2' };
const withFile = (content: object) =>
  generationConfig(
    new Map([['generation_config.json', new TextEncoder().encode(JSON.stringify(content))]]),
    configFile,
  );

describe('generationConfig', () => {
  it('takes the options of published models', () => {
    const llama3 = {
      bos_token_id: 128000,
      do_sample: true,
      eos_token_id: [128001, 128008, 128009],
      temperature: 0.6,
      max_length: 4096,
      top_p: 0.9,
      transformers_version: '4.42.3',
    };
    expect(withFile(llama3)).toEqual({
      doSample: true,
      eosTokenId: [128001, 128008, 128009],
      temperature: 0.6,
      maxLength: 4096,
      topP: 0.9,
    });
    const qwen2 = {
      bos_token_id: 151643,
      pad_token_id: 151643,
      do_sample: true,
      eos_token_id: [151645, 151643],
      repetition_penalty: 1.05,
      temperature: 0.7,
      top_p: 0.8,
      top_k: 20,
      transformers_version: '4.37.0',
    };
    expect(withFile(qwen2)).toMatchObject({ repetitionPenalty: 1.05, topK: 20 });
    expect(withFile({ _from_model_config: true, bos_token_id: 50256, eos_token_id: 50256 })).toEqual({
      eosTokenId: 50256,
    });
  });

  it.each([{ temperature: 0 }, { temperature: 0, top_p: 0 }, { typical_p: 0 }, { top_k: -1, epsilon_cutoff: 1 }])(
    'takes the most likely token where nothing is drawn, and reads nothing of drawing: %j',
    (ofDrawing) => {
      expect(withFile({ do_sample: false, max_new_tokens: 4, ...ofDrawing })).toEqual({
        doSample: false,
        maxNewTokens: 4,
      });
      expect(withFile(ofDrawing)).toEqual({});
      expect(() => withFile({ do_sample: true, ...ofDrawing })).toThrow(ConfigError);
      const files = new Map([['generation_config.json', new TextEncoder().encode(JSON.stringify(ofDrawing))]]);
      expect(() => generationConfig(files, configFile, true)).toThrow(ConfigError);
    },
  );

  it('passes over what other tools write into the file, as Python does', () => {
    expect(withFile({ unsloth_fixed: true, system_prompt: 'x', max_new_tokens: 4 })).toEqual({ maxNewTokens: 4 });
  });

  it('takes search in beams, and strings that end a text', () => {
    const searching = { num_beams: 4, num_return_sequences: 2, length_penalty: 0.6, early_stopping: 'never' };
    expect(withFile({ ...searching, stop_strings: ['\n'] })).toEqual({
      numBeams: 4,
      numReturnSequences: 2,
      lengthPenalty: 0.6,
      earlyStopping: 'never',
      stopStrings: ['\n'],
    });
  });

  it('leaves out what is null', () => {
    expect(withFile({ top_k: null, stop_strings: null, num_beams: 1, guidance_scale: null })).toEqual({ numBeams: 1 });
  });

  it('finds those of older models in config.json', () => {
    const older = { ...configFile, n_layer: 2, eos_token_id: 50256, do_sample: false, max_length: 50, num_beams: 1 };
    expect(generationConfig(new Map(), older)).toEqual({
      eosTokenId: 50256,
      doSample: false,
      maxLength: 50,
      numBeams: 1,
    });
  });

  it.each<[object, RegExp]>([
    [{ num_beam_groups: 4 }, /^generation_config\.json\.num_beam_groups: expected 1, received 4/],
    [{ penalty_alpha: 0.6 }, /penalty_alpha: expected 0, received 0\.6/],
    [{ guidance_scale: 1.5 }, /guidance_scale: expected 1/],
    [{ force_words_ids: [[3]] }, /force_words_ids: expected null, since it is not implemented, received an array of 1/],
    [{ sequence_bias: [[[3], 2]] }, /sequence_bias: expected null/],
    [{ forced_eos_token_id: 3 }, /forced_eos_token_id/],
    [{ exponential_decay_length_penalty: [5, 1.1] }, /exponential_decay_length_penalty/],
    [{ do_sample: true, epsilon_cutoff: 0.01 }, /epsilon_cutoff: expected 0/],
    [{ do_sample: true, temperature: 0 }, /temperature/],
    [{ num_beam: 4 }, /expected only known options, received "num_beam"\. Did you mean "num_beams"/],
  ])('refuses by name %j', (content, message) => {
    expect(() => withFile(content)).toThrow(ConfigError);
    expect(() => withFile(content)).toThrow(message);
  });
});
