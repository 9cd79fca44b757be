import { albertTokenizer } from './albert';
import { bertTokenizer } from './bert';
import { camembertTokenizer } from './camembert';
import { clipTokenizer } from './clip';
import { debertaTokenizer } from './deberta';
import { debertaV2Tokenizer } from './deberta-v2';
import { gemmaTokenizer } from './gemma';
import { gptNeoxTokenizer } from './gpt-neox';
import { gpt2Tokenizer } from './gpt2';
import { llamaTokenizer } from './llama';
import { mpnetTokenizer } from './mpnet';
import { qwen2Tokenizer } from './qwen2';
import { robertaTokenizer } from './roberta';
import { t5Tokenizer } from './t5';
import type { TokenizerClass } from './tokenizer-class';
import { xlmRobertaTokenizer } from './xlm-roberta';

/** As in transformers 5.24, by name. */
export const followedClasses: Readonly<Record<string, TokenizerClass>> = {
  AlbertTokenizer: albertTokenizer,
  BartTokenizer: robertaTokenizer,
  BertTokenizer: bertTokenizer,
  CLIPTokenizer: clipTokenizer,
  CamembertTokenizer: camembertTokenizer,
  DebertaTokenizer: debertaTokenizer,
  DebertaV2Tokenizer: debertaV2Tokenizer,
  DistilBertTokenizer: bertTokenizer,
  GPT2Tokenizer: gpt2Tokenizer,
  GPTNeoXTokenizer: gptNeoxTokenizer,
  GemmaTokenizer: gemmaTokenizer,
  LEDTokenizer: robertaTokenizer,
  LlamaTokenizer: llamaTokenizer,
  LxmertTokenizer: bertTokenizer,
  MPNetTokenizer: mpnetTokenizer,
  MobileBertTokenizer: bertTokenizer,
  MvpTokenizer: robertaTokenizer,
  Qwen2Tokenizer: qwen2Tokenizer,
  RobertaTokenizer: robertaTokenizer,
  SqueezeBertTokenizer: bertTokenizer,
  T5Tokenizer: t5Tokenizer,
  XLMRobertaTokenizer: xlmRobertaTokenizer,
};
