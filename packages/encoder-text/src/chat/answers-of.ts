import { SampleError } from '@polymodal/core';
import type { Range } from '../tokenization/aligned-text';
import type { RenderedChat } from './chat-template';
import type { ReadTurn } from './conversation';

/**
 * Where answers stand in what a chat template wrote that does not mark them: what it writes of a turn behind what an answer begins with, with
 * what ends it. White space behind that is none of it, unless nothing else ends the answer.
 *
 * @param render  the first turns
 * @throws SampleError for a template that writes turns otherwise when others follow, and more than a thousand turns
 */
export function answersOf(
  turns: readonly ReadTurn[],
  whole: string,
  render: (count: number, addGenerationPrompt: boolean) => RenderedChat,
): Range[] {
  if (turns.length > mostTurns) throw tooMany(turns.length);
  return turns.flatMap(({ role, parts, where }, index) => {
    if (role !== 'assistant') return [];
    const before = render(index, true).text;
    const through = render(index + 1, false).text;
    if (!through.startsWith(before) || !whole.startsWith(through)) throw untold(where);
    const last = parts.at(-1);
    const said = last?.kind === 'text' ? last.text.trimEnd() : '';
    const answer = through.slice(before.length);
    const ended = answer.trimEnd();
    const end = before.length + (said !== '' && ended.endsWith(said) ? answer.length : ended.length);
    return [{ start: before.length, end }];
  });
}

/** For each answer all before it is written anew, so that the work grows with the square of the turns. */
const mostTurns = 1000;

function tooMany(count: number): SampleError {
  return new SampleError({
    expected: `a conversation of at most ${mostTurns} turns, where the chat template does not mark answers`,
    received: `one of ${count}`,
    hint: 'Part it, or mark answers in the template: {% generation %}{{ message.content }}<end>{% endgeneration %}.',
  });
}

function untold(where: string): SampleError {
  return new SampleError({
    where,
    expected: 'a chat template in which it can be told where an answer begins and ends',
    received: 'one that writes what is before it otherwise than when the answer is still to come, or is the last',
    hint: 'Mark answers in the template: {% generation %}{{ message.content }}<end>{% endgeneration %}.',
  });
}
