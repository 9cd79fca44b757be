import { bert } from './bert';
import { clapText } from './clap-text';
import { clipText } from './clip-text';
import { gpt2 } from './gpt2';
import { llama } from './llama';
import { qwen2 } from './qwen2';
import { roberta } from './roberta';
import { siglipText } from './siglip-text';
import { t5 } from './t5';

/** Every family of pretrained text models that this package knows. */
export const textFamilies = [bert, roberta, gpt2, llama, qwen2, t5, clipText, siglipText, clapText] as const;
