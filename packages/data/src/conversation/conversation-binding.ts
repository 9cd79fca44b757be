import { z } from 'zod';

/** How rows say conversations. */
export type ConversationForm = 'llava' | 'messages' | 'instruction';

/** Of each form the columns that its rows may have, of which the first must be there, and whether values have columns of their own beside these. */
export const conversationForms: Readonly<
  Record<ConversationForm, { readonly columns: readonly string[]; readonly valuesBeside: boolean }>
> = {
  llava: { columns: ['conversations'], valuesBeside: true },
  messages: { columns: ['messages'], valuesBeside: true },
  instruction: { columns: ['instruction', 'system', 'input', 'output'], valuesBeside: false },
};

/**
 * A slot whose values are conversations, made of whole rows:
 *
 * - `llava`: `{ image: 'a.jpg', conversations: [{ from: 'human', value: '<image>\nWhat is it?' }, { from: 'gpt', value: 'A cube.' }] }`, as the
 *   data of LLaVA have them
 * - `messages`: `{ messages: [{ role: 'user', content: 'What is it?' }, { role: 'assistant', content: 'A cube.' }] }`, as chat programs send them. A
 *   content is a text, or parts: `{ type: 'text', text }`, `{ type: 'image', image: 'a.jpg' }`, `{ type: 'image_url', image_url: { url } }`; a part
 *   without a value of its own, `{ type: 'image' }`, has the next one of the row
 * - `instruction`: `{ instruction: 'What is it?', input: { image: 'a.jpg', history: ['Hello.', 'Hi.'] }, output: 'A cube.' }`
 */
export interface ConversationBinding {
  readonly conversation: ConversationForm;
  /**
   * The slots of pictures and sounds, with the names that these have in rows, and between `<` and `>` in texts where they stand. Default
   * `{ image: 'image', audio: 'audio' }`.
   */
  readonly values?: Readonly<Record<string, string>> | undefined;
  /** Columns that are passed over. Any other that no slot, target or id is bound to is a fault of its rows. */
  readonly ignore?: readonly string[] | undefined;
}

/** What {@link ConversationBinding} is parsed with. */
export const conversationBinding = z.strictObject({
  conversation: z.enum(Object.keys(conversationForms) as [ConversationForm]),
  values: z.record(z.string(), z.string().min(1)).default({ image: 'image', audio: 'audio' }),
  ignore: z.array(z.string()).readonly().default([]),
});
