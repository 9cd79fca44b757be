import { Template } from '@huggingface/jinja';
import { ConfigError, describeThrown, SampleError } from '@polymodal/core';
import type { Range } from '../tokenization/aligned-text';
import { boundedRange, withBoundedRange } from './bounded-range';
import { pythonStrip, withPythonStrip } from './python-strip';

/** A message as templates read it. */
export interface TemplateMessage {
  readonly role: string;
  readonly content: string | readonly TemplatePart[];
}

/** A part of a message, for templates that say themselves what stands for pictures. */
type TemplatePart = { readonly type: 'text'; readonly text: string } | { readonly type: string };

/** How messages are rendered. */
export interface RenderOptions {
  /** Whether what an answer begins with is written behind. Default false. */
  readonly addGenerationPrompt?: boolean;
  /** Whether the last message is left open, so that it can be continued. Default false. */
  readonly continueFinalMessage?: boolean;
}

/** What a template made of messages. */
export interface RenderedChat {
  readonly text: string;
  /** What stands between `{% generation %}` and `{% endgeneration %}`, in UTF-16 units: answers, as the template tells them. */
  readonly generated: readonly Range[];
}

/**
 * A chat template in Jinja, as Python's `apply_chat_template` renders it (transformers 5.24), without tools and documents.
 *
 * ```ts
 * const template = new ChatTemplate('{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}');
 * template.render([{ role: 'user', content: 'How many?' }]).text; // 'user: How many?\n'
 * ```
 */
export class ChatTemplate {
  readonly #template: Template;
  /** Whether it says which parts are generated. */
  readonly marksAnswers: boolean;
  readonly #tokens: Readonly<Record<string, string>>;
  #takes: TakenContent | undefined;

  /**
   * @param source in Jinja
   * @param tokens that it may write, by their names: `eos_token`
   * @throws ConfigError for what is no template
   */
  constructor(
    readonly source: string,
    tokens: Readonly<Record<string, string>> = {},
  ) {
    this.#tokens = tokens;
    const marked = withMarks(source);
    this.marksAnswers = marked !== source;
    try {
      this.#template = new Template(marked);
      withPythonStrip(this.#template);
      withBoundedRange(this.#template);
    } catch (cause) {
      throw new ConfigError({
        where: 'chatTemplate',
        expected: 'a template in Jinja',
        received: `one that cannot be read: ${describeThrown(cause)}`,
        cause,
      });
    }
  }

  /** @throws SampleError for messages that the template refuses, and a last one that is left open and is not in what it writes */
  render(
    messages: readonly TemplateMessage[],
    { addGenerationPrompt = false, continueFinalMessage = false }: RenderOptions = {},
  ): RenderedChat {
    if (!continueFinalMessage) return withoutMarks(this.#written(messages, addGenerationPrompt));
    const written = this.#written([...messages.slice(0, -1), opened(messages.at(-1)!)], addGenerationPrompt);
    return withoutMarks(cutWhereOpen(written));
  }

  /** What the content of a message may be for it: found out by having it write one. */
  get takes(): TakenContent {
    this.#takes ??= this.#tried();
    return this.#takes;
  }

  #tried(): TakenContent {
    let refusal: string | undefined;
    const writes = (content: TemplateMessage['content']) => {
      try {
        const written = this.#written([{ role: 'user', content }], false);
        return written.includes(probe) && !/['"]type['"]/.test(written); // as is what Python calls the repr of a list
      } catch (error) {
        refusal ??= (error as SampleError).received;
        return false;
      }
    };
    const taken = { texts: writes(probe), parts: writes([{ type: 'text', text: probe }]) };
    return taken.texts || taken.parts ? taken : { ...taken, ...(refusal !== undefined && { refusal }) };
  }

  #written(messages: readonly TemplateMessage[], addGenerationPrompt: boolean): string {
    try {
      return this.#template.render({
        ...this.#tokens,
        ...pythonStrip,
        ...boundedRange,
        messages,
        tools: null,
        documents: null,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      throw new SampleError({
        expected: 'messages that the chat template takes',
        received: `some that it refuses: ${describeThrown(cause)}`,
        cause,
      });
    }
  }
}

/** See {@link ChatTemplate.takes}. */
export interface TakenContent {
  readonly texts: boolean;
  readonly parts: boolean;
  /** Why, where it takes neither and said so. */
  readonly refusal?: string;
}

const probe = 'What is this?';

/** Code points that Unicode keeps for such uses, and that are no characters of any text. */
const [openEnd, begin, end] = ['\uFDD1', '\uFDD2', '\uFDD3'];

/** The tags of generation are Python's own; Jinja has blocks that call a macro, which are read alike, with the white space around them. */
function withMarks(source: string): string {
  const called = source
    .replace(/\{%([-+]?)\s*generation\s*([-+]?)%\}/g, '{%$1 call polymodal_generated() $2%}')
    .replace(/\{%([-+]?)\s*endgeneration\s*([-+]?)%\}/g, '{%$1 endcall $2%}');
  const macro = `{% macro polymodal_generated() %}${begin}{{ caller() }}${end}{% endmacro %}`;
  return called === source ? source : macro + called;
}

function withoutMarks(written: string): RenderedChat {
  const generated: { start: number; end: number }[] = [];
  let text = '';
  let isOpen = false;
  for (const part of written.split(new RegExp(`([${begin}${end}])`))) {
    if (part === begin) generated.push({ start: text.length, end: text.length });
    else if (part !== end) text += part;
    if (part === begin || part === end) isOpen = part === begin;
    else if (isOpen) generated.at(-1)!.end = text.length; // also where the end was cut off
  }
  return { text, generated };
}

/**
 * A message with a mark at its end, behind which nothing is kept of what is written. A template that trims what is said takes the space of the
 * mark, and the white space before it goes too, as in Python.
 */
function opened(message: TemplateMessage): TemplateMessage {
  if (typeof message.content === 'string') return { ...message, content: `${message.content}${openEnd} ` };
  const last = message.content.findLastIndex((part) => 'text' in part);
  const content = message.content.map((part, index) =>
    index === last && 'text' in part ? { ...part, text: `${part.text}${openEnd} ` } : part,
  );
  return { ...message, content };
}

function cutWhereOpen(written: string): string {
  const at = written.lastIndexOf(openEnd);
  if (at >= 0) return written.startsWith(' ', at + 1) ? written.slice(0, at) : written.slice(0, at).trimEnd();
  throw new SampleError({
    expected: 'a last turn that stands in what the chat template writes, so that it can be left open',
    received: 'one that the template leaves out',
  });
}
