import { ConfigError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { ofModule, parsePeftConfig } from './peft-config';

const lora = { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['query'], bias: 'none', modules_to_save: null };

describe('adapter_config.json', () => {
  it('is read with the defaults of PEFT', () => {
    expect(parsePeftConfig({ peft_type: 'LORA' }, 'c')).toMatchObject({ r: 8, lora_alpha: 8, use_dora: false });
    expect(parsePeftConfig({ ...lora, peft_version: '0.21.2', loftq_config: {} }, 'c')).toMatchObject({ r: 4 });
  });

  it.each<[string, object, RegExp]>([
    ['an option that nobody knows', { ...lora, lora_magic: 1 }, /c, lora_magic: .*known here, received 1/],
    ['biases that learn', { ...lora, bias: 'all' }, /c, bias: expected "none".*received "all"/],
    ['further modules', { ...lora, modules_to_save: ['score'] }, /c, modules_to_save: expected null/],
    ['weights that were changed', { ...lora, init_lora_weights: 'pissa' }, /c, init_lora_weights: .*"pissa"/],
    ['a form of LoRA that is not here', { ...lora, use_qalora: true }, /c, use_qalora: expected false/],
    ['another kind', { ...lora, peft_type: 'LOHA' }, /c, peft_type: expected "LORA" or "IA3", received "LOHA"/],
    [
      'a prefix',
      { peft_type: 'PREFIX_TUNING', num_virtual_tokens: 8 },
      /c, peft_type: .*received "PREFIX_TUNING".*beside maps/,
    ],
    ['a rank that is none', { ...lora, r: 0 }, /c, r: expected a number above 0, received 0/],
    ['a pattern that is none', { ...lora, rank_pattern: { '(': 4 } }, /c, rank_pattern: expected .* regular expr/],
    ['an option of the other kind', { peft_type: 'IA3', lora_alpha: 3 }, /c, lora_alpha: /],
  ])('is refused by name for %s', (_, content, message) => {
    expect(() => parsePeftConfig(content, 'c')).toThrow(ConfigError);
    expect(() => parsePeftConfig(content, 'c')).toThrow(message);
  });

  it('has numbers of single modules by patterns of the ends of their names', () => {
    const own = { 'layer.1.*query': 3, value: 2 };
    const of = (name: string) => ofModule(name, own, 8);
    expect(['layer.0.attention.query', 'layer.1.attention.query', 'layer.0.value', 'layer.0.values'].map(of)).toEqual([
      8, 3, 2, 8,
    ]);
  });
});
