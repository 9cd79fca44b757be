import { type LaidOutPart, literalPattern, SampleError } from '@polymodal/core';
import { answersOf } from './answers-of';
import type { ChatTemplate, RenderedChat, TemplateMessage } from './chat-template';
import { ChatText } from './chat-text';
import type { ReadTurn, TurnPart } from './conversation';

type Value = Extract<TurnPart, { kind: 'value' }>;

/** How a conversation is written. */
export interface LayOutOptions {
  readonly template: ChatTemplate;
  /** The token that a template writes for the values of a slot, where it does so itself. */
  readonly placeholderOf: (slot: string) => string | undefined;
}

/**
 * A conversation as the document that its template makes of it: texts, parted where answers begin and end, and the values between them. Where
 * somebody else than the assistant speaks last, what an answer begins with stands at the end.
 *
 * @throws SampleError for turns that the template refuses, answers that cannot be told in what it writes, and values that it leaves out
 */
export function layOutConversation(turns: readonly ReadTurn[], options: LayOutOptions): LaidOutPart[] {
  const { template } = options;
  const written = new WrittenValues(turns, options);
  const render = (count: number, addGenerationPrompt: boolean): RenderedChat => {
    const messages = turns.slice(0, count).map((turn) => written.message(turn));
    const continueFinalMessage = count > 0 && turns[count - 1].unfinished;
    return template.render(messages, { addGenerationPrompt, continueFinalMessage });
  };
  const speaksLast = turns.at(-1)!.role;
  const whole = render(turns.length, speaksLast !== 'assistant' && !turns.at(-1)!.unfinished);
  const answers = template.marksAnswers ? whole.generated : answersOf(turns, whole.text, render);
  return written.split(whole.text, answers);
}

/** The values of a conversation, while texts stand for them. */
class WrittenValues {
  readonly #values: readonly Value[];
  readonly #options: LayOutOptions;

  constructor(turns: readonly ReadTurn[], options: LayOutOptions) {
    this.#values = turns.flatMap(({ parts }) => parts.filter((part) => part.kind === 'value'));
    this.#options = options;
    for (const turn of turns) this.#requireNoPlaceholder(turn);
  }

  /** Texts as one where the template takes such; where it writes placeholders itself, a list in which values have their type alone. */
  message({ role, parts, where }: ReadTurn): TemplateMessage {
    const { texts, parts: lists, refusal } = this.#options.template.takes;
    const hasValues = parts.some(({ kind }) => kind === 'value');
    if (lists && (hasValues || !texts)) {
      const content = parts.map((part) =>
        part.kind === 'text' ? { type: 'text', text: part.text } : { type: part.slot },
      );
      return { role, content };
    }
    if (texts) {
      const content = parts.map((part) => (part.kind === 'text' ? part.text : marker(this.#values.indexOf(part))));
      return { role, content: content.join('') };
    }
    throw new SampleError({
      where,
      expected: 'a chat template that writes what is said',
      received: ['one that writes neither texts nor lists of parts', refusal].filter(Boolean).join('; '),
    });
  }

  /** The parts of what was written. @param answers where they stand in it, in their order */
  split(text: string, answers: RenderedChat['generated']): LaidOutPart[] {
    const places = this.#options.template.takes.parts ? this.#placeholders(text) : markers(text);
    const values = this.#ofPlaces(places);
    const parts: LaidOutPart[] = [];
    let done = 0;
    places.forEach(({ start, end }, index) => {
      parts.push(...ownParts(text, done, start, answers));
      const { slot, value, where } = values[index];
      parts.push({ slot, value, where });
      done = end;
    });
    return [...parts, ...ownParts(text, done, text.length, answers)];
  }

  /** Each value has one place. */
  #ofPlaces(places: readonly Place[]): Value[] {
    const left = [...this.#values];
    const values = places.map(({ slot, index }) => {
      const at =
        index === undefined ? left.findIndex((value) => value.slot === slot) : left.indexOf(this.#values[index]);
      return at < 0 ? undefined : left.splice(at, 1)[0];
    });
    const found = values.filter((value) => value !== undefined);
    if (left.length === 0 && found.length === places.length) return found;
    throw new SampleError({
      ...(left[0] && { where: left[0].where }),
      expected: `a chat template that writes one place for each of the ${this.#values.length} values`,
      received: `one that wrote ${places.length}`,
      hint: 'Templates know pictures as parts of type "image", which is to be the name of their slot, and write the token that its `placeholder` names.',
    });
  }

  #placeholders(text: string): Place[] {
    const slots = [...new Set(this.#values.map(({ slot }) => slot))];
    return slots
      .flatMap((slot) => {
        const token = this.#options.placeholderOf(slot);
        if (token === undefined) return [];
        return [...text.matchAll(new RegExp(literalPattern(token), 'g'))].map(({ index }) => ({
          slot,
          start: index,
          end: index + token.length,
        }));
      })
      .sort((a, b) => a.start - b.start);
  }

  #requireNoPlaceholder({ parts, where }: ReadTurn): void {
    for (const { slot } of this.#values) {
      const token = this.#options.placeholderOf(slot);
      if (token === undefined || !parts.some((part) => part.kind === 'text' && part.text.includes(token))) continue;
      throw new SampleError({
        where,
        expected: `texts without ${JSON.stringify(token)}, which stands for a value of "${slot}"`,
        received: 'one with it',
        hint: `Make the value a part of the content: [{ ${slot}: … }, …].`,
      });
    }
  }
}

/** Where a value stands in what a template wrote. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly slot?: string;
  /** Which value it is, where that is known. */
  readonly index?: number;
}

/** Stands for a value in templates that know nothing of such. */
const marker = (index: number) => `\uFDD4${index}\uFDD4`;

function markers(text: string): Place[] {
  return [...text.matchAll(/\uFDD4(\d+)\uFDD4/g)].map(({ 0: whole, 1: index, index: start }) => ({
    start,
    end: start + whole.length,
    index: Number(index),
  }));
}

/** A stretch of text, parted where answers begin and end. */
function ownParts(text: string, start: number, end: number, answers: RenderedChat['generated']): LaidOutPart[] {
  const within = (place: number) => place > start && place < end;
  const borders = answers.flatMap((answer) => [answer.start, answer.end]).filter(within);
  const cuts = [...new Set([start, ...borders, end])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, index) => {
    const to = cuts[index + 1];
    const isAnswer = answers.some((answer) => answer.start <= from && to <= answer.end);
    return { value: new ChatText(text.slice(from, to), isAnswer), where: 'the conversation' };
  });
}
