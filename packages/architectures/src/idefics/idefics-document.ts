/** A part of a document about pictures. */
export type IdeficsPart = { readonly text: string } | { readonly image: unknown };

/** How an {@link ideficsDocument} is written. */
export interface IdeficsDocumentOptions {
  /** Whether texts that follow one another are utterances of a conversation, each with its end: of the models for instructions. */
  readonly utterances?: boolean;
}

/**
 * A document as Idefics was trained on it: pictures stand between tokens that set them off, and texts lose the spaces at their ends
 * (HF `IdeficsProcessor`).
 *
 * ```ts
 * const text = ideficsDocument([{ text: 'User: What is this?' }, { image: 'cat.jpg' }, { text: 'Assistant:' }]);
 * const [answer] = await model.predict([{ text }]);
 * ```
 */
export function ideficsDocument(
  parts: readonly IdeficsPart[],
  { utterances = false }: IdeficsDocumentOptions = {},
): IdeficsPart[] {
  return parts.flatMap((part, index): IdeficsPart[] => {
    const before = parts[index - 1];
    if ('image' in part) return [...(before && 'image' in before ? [] : [around]), part, around];
    const text = part.text.replaceAll(/^ +| +$/g, '');
    return utterances && before && 'text' in before ? [{ text: endOfUtterance + text }] : [{ text }];
  });
}

const around = { text: '<fake_token_around_image>' };
const endOfUtterance = '<end_of_utterance>';
