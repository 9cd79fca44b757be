import type { ComposeOptions } from '@polymodal/core';
import { llama } from '@polymodal/encoder-text/pretrained';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

/** The token that stands for a picture among those of a text. */
const token = '<image>';

type SavedFile = NonNullable<ComposeOptions['savedFile']>;

/** The files of a model, which say that its documents have the token of its tokenizer for pictures, if it has it. */
export function withImageToken(savedFile: SavedFile = () => undefined): SavedFile {
  return (part, name) => {
    const content = savedFile(part, name);
    const tokenizer = savedFile(part, 'tokenizer.json');
    if (part !== 'processors/text' || name !== settings || !tokenizer || !hasToken(tokenizer)) return content;
    const contents = new Map(content && [[name, content]]);
    const placeholder = llama.adjustments!.placeholder;
    return placeholder.change({ image: token }, { config: { model_type: 'llama' }, contents }).contents?.get(name);
  };
}

const settings = 'tokenizer_config.json';

const addedTokens = z.looseObject({ added_tokens: z.array(z.looseObject({ content: z.string() })).optional() });

function hasToken(tokenizer: Uint8Array): boolean {
  const { added_tokens = [] } = parseJsonFile(tokenizer, 'tokenizer.json', addedTokens);
  return added_tokens.some(({ content }) => content === token);
}
