import { readFileSync } from 'node:fs';
import { ConfigError, SampleError } from '@polymodal/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileTokenizer } from '../file-tokenizer';
import { ChatTemplate, type TemplateMessage } from './chat-template';
import { readConversation } from './conversation';
import { layOutConversation } from './lay-out-conversation';

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), 'utf8'));

interface Case {
  readonly template: string;
  readonly messages: readonly TemplateMessage[];
  readonly options: { readonly add_generation_prompt?: boolean; readonly continue_final_message?: boolean };
  /** None where Python's template refuses it. */
  readonly text: string | null;
}

const templates = fixture<{ name: string; template: string; tokens: Record<string, string> }[]>('chat/templates.json');
const cases = fixture<Case[]>('chat/cases.json');
const answers = fixture<{
  template: string;
  cases: {
    tokenizer: string;
    messages: TemplateMessage[];
    options: Case['options'];
    text: string;
    ids: number[];
    mask: number[];
  }[];
}>('chat/answers.json');

const asked = ({ add_generation_prompt, continue_final_message }: Case['options']) => ({
  addGenerationPrompt: add_generation_prompt ?? false,
  continueFinalMessage: continue_final_message ?? false,
});

describe('a chat template', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date(2026, 2, 1, 12), toFake: ['Date'] }); // some write the date
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(templates)('writes what Python writes: $name', ({ name, template, tokens }) => {
    const own = cases.filter((one) => one.template === name);
    expect(own.length).toBeGreaterThan(6);
    const chat = new ChatTemplate(template, tokens);
    for (const { messages, options, text } of own) {
      if (text === null) expect(() => chat.render(messages, asked(options))).toThrow(SampleError);
      else expect(chat.render(messages, asked(options)).text).toBe(text);
    }
  });

  it('tells answers by its marks, to the same tokens as Python', () => {
    const chat = new ChatTemplate(answers.template);
    for (const { tokenizer: name, messages, options, text, ids, mask } of answers.cases) {
      const rendered = chat.render(messages, asked(options));
      expect(rendered.text).toBe(text);
      const borders = rendered.generated.flatMap(({ start, end }) => [start, end]);
      const cuts = [0, ...borders, text.length];
      const pieces = cuts
        .slice(0, -1)
        .map((from, index) => ({ text: text.slice(from, cuts[index + 1]), isAnswer: index % 2 === 1 }));
      const file = readFileSync(new URL(`../../fixtures/${name}.json`, import.meta.url));
      const encoded = new FileTokenizer(file, name).encodeDocument(pieces, 1000, { addSpecialTokens: false });
      expect([...encoded.ids]).toEqual(ids);
      expect([...encoded.answers!]).toEqual(mask);
    }
  });

  it('finds out what content it takes', () => {
    const takes = (name: string) => {
      const { template, tokens } = templates.find((one) => one.name === name)!;
      return new ChatTemplate(template, tokens).takes;
    };
    expect(takes('HuggingFaceTB/SmolLM2-135M-Instruct')).toEqual({ texts: true, parts: false });
    expect(takes('HuggingFaceTB/SmolVLM-Instruct')).toEqual({ texts: false, parts: true });
    expect(takes('Qwen/Qwen2.5-VL-7B-Instruct')).toEqual({ texts: true, parts: true });
  });

  it('says what a template refuses that takes nothing, and what it would take too long to write', () => {
    const { takes } = new ChatTemplate('{{ raise_exception("a system prompt first") }}');
    expect(takes).toMatchObject({ texts: false, parts: false, refusal: expect.stringContaining('a system prompt') });
    const write = (range: string) =>
      new ChatTemplate(`{% for i in range(${range}) %}{{ i }}{% endfor %}`).render([]).text;
    expect(['3', '2, 4', '5, 0, -2', '3, 1'].map(write)).toEqual(['012', '23', '531', '']); // as Python's
    expect(() => write('1000000000')).toThrow(/range: expected at most 100000 numbers, received 1000000000/);
  });

  it('is refused where answers could not be told in time, or for what it says of a single turn', () => {
    const layOut = (template: string, count: number) => {
      const turns = Array.from({ length: count }, (_, i) => ({
        role: i % 2 === 0 ? 'user' : 'assistant',
        content: 'a',
      }));
      const options = { template: new ChatTemplate(template), placeholderOf: () => undefined };
      return layOutConversation(readConversation(turns, 'text')!, options);
    };
    const said = '{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}';
    expect(() => layOut(said, 1001)).toThrow(/at most 1000 turns, .* received one of 1001/);
    const marked = said.replace('{{ message.content }}', '{% generation %}{{ message.content }}{% endgeneration %}');
    expect(layOut(marked, 1001).length).toBeGreaterThan(1000);
    expect(() => layOut('{{ raise_exception("a system prompt first") }}', 2)).toThrow(
      /turn 0: .*a system prompt first/,
    );
  });

  it('is refused where it cannot be read', () => {
    expect(() => new ChatTemplate('{% for message in messages %}')).toThrow(ConfigError);
  });
});
