import { optional } from '@polymodal/hub';
import { z } from 'zod';
import { languageModelFamily } from '../generation/language-model-family';
import { gpt2 } from './gpt2';
import { llama } from './llama';
import { qwen2 } from './qwen2';

/** Whether the head has the weight of the token embeddings. */
const tied = (byDefault: boolean) => ({ tie_word_embeddings: optional(z.boolean(), byDefault) });

/** GPT-2 that guesses the next token. */
export const gpt2LanguageModel = languageModelFamily(gpt2, {
  architectures: { gpt2: 'GPT2LMHeadModel' },
  config: gpt2.config.extend(tied(true)),
  prefix: 'transformer.',
});

/** Llama that guesses the next token. */
export const llamaLanguageModel = languageModelFamily(llama, {
  architectures: { llama: 'LlamaForCausalLM' },
  config: llama.config.extend(tied(false)),
  prefix: 'model.',
});

/** Qwen2 that guesses the next token. */
export const qwen2LanguageModel = languageModelFamily(qwen2, {
  architectures: { qwen2: 'Qwen2ForCausalLM' },
  config: qwen2.config.extend(tied(false)),
  prefix: 'model.',
});

/** Every family of causal language models that this package knows: `textFamilies` has their encoders, without the head. */
export const causalLanguageModels = [gpt2LanguageModel, llamaLanguageModel, qwen2LanguageModel] as const;
