import type { ComposeOptions } from '@polymodal/core';
import { llama } from '@polymodal/encoder-text/pretrained';
import { parseJsonFile } from '@polymodal/hub';
import { z } from 'zod';

type SavedFile = NonNullable<ComposeOptions['savedFile']>;

const addedToken = z.looseObject({ id: z.int().optional(), content: z.string() });

/** A token that was added to a vocabulary. */
export type AddedToken = z.output<typeof addedToken>;

/**
 * The files of a model, which say that its documents have a token of its tokenizer for pictures, if it has it.
 *
 * @param isImage whether a token is that
 * @param around  what is written around pictures
 */
export function withImageToken(
  savedFile: SavedFile = () => undefined,
  isImage: (token: AddedToken) => boolean,
  around?: Readonly<Record<string, string>>,
): SavedFile {
  return (part, name) => {
    const content = savedFile(part, name);
    const tokenizer = savedFile(part, 'tokenizer.json');
    if (part !== 'processors/text' || name !== settings || !tokenizer) return content;
    const { added_tokens = [] } = parseJsonFile(tokenizer, 'tokenizer.json', addedTokens);
    const image = added_tokens.find(isImage)?.content;
    if (image === undefined) return content;
    const asked = { placeholder: { image }, ...(around && { around: { image: around } }) };
    let contents: ReadonlyMap<string, Uint8Array> = new Map(content && [[name, content]]);
    for (const [option, value] of Object.entries(asked)) {
      const adjusted = llama.adjustments![option].change(value, { config: { model_type: 'llama' }, contents });
      contents = adjusted.contents ?? contents;
    }
    return contents.get(name);
  };
}

const settings = 'tokenizer_config.json';

const addedTokens = z.looseObject({ added_tokens: z.array(addedToken).optional() });
