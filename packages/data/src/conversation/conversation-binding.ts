import { z } from 'zod';

/** The forms in which rows say conversations. */
export const conversationForms = ['llava', 'instruction'] as const;

/**
 * A slot whose values are conversations, made of whole rows:
 *
 * - `llava`: `{ image: 'a.jpg', conversations: [{ from: 'human', value: '<image>\nWhat is it?' }, { from: 'gpt', value: 'A cube.' }] }`, as the
 *   data of LLaVA have them
 * - `instruction`: `{ instruction: 'What is it?', input: { image: 'a.jpg', history: ['Hello.', 'Hi.'] }, output: 'A cube.' }`
 */
export interface ConversationBinding {
  readonly conversation: (typeof conversationForms)[number];
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
  conversation: z.enum(conversationForms),
  values: z.record(z.string(), z.string().min(1)).default({ image: 'image', audio: 'audio' }),
  ignore: z.array(z.string()).readonly().default([]),
});

/** The columns that rows of a form may have, beside those of values. */
export const columnsOfForm = {
  llava: ['conversations'],
  instruction: ['system', 'instruction', 'input', 'output'],
} as const satisfies Record<(typeof conversationForms)[number], readonly string[]>;
