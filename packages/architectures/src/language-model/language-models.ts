import { gpt2, llama, qwen2 } from '@polymodal/encoder-text/pretrained';
import { optional } from '@polymodal/hub';
import { z } from 'zod';
import { languageModelFamily } from './language-model-family';

/** Whether the head has the weight of the token embeddings. */
const tied = (byDefault: boolean) => ({ tie_word_embeddings: optional(z.boolean(), byDefault) });

/** GPT-2 that writes (Radford et al. 2019). */
export const gpt2LanguageModel = languageModelFamily(gpt2, {
  architectures: { gpt2: 'GPT2LMHeadModel' },
  config: gpt2.config.extend(tied(true)),
  prefix: 'transformer.',
  widthOf: ({ nEmbd }) => nEmbd,
});

/** Llama that writes (Touvron et al. 2023). */
export const llamaLanguageModel = languageModelFamily(llama, {
  architectures: { llama: 'LlamaForCausalLM' },
  config: llama.config.extend(tied(false)),
  prefix: 'model.',
  widthOf: ({ hiddenSize }) => hiddenSize,
});

/** Qwen2 that writes (Yang et al. 2024). */
export const qwen2LanguageModel = languageModelFamily(qwen2, {
  architectures: { qwen2: 'Qwen2ForCausalLM' },
  config: qwen2.config.extend(tied(false)),
  prefix: 'model.',
  widthOf: ({ hiddenSize }) => hiddenSize,
});

/** Every family of language models: `textFamilies` of `@polymodal/encoder-text` has their encoders, without the head. */
export const languageModels = [gpt2LanguageModel, llamaLanguageModel, qwen2LanguageModel] as const;
