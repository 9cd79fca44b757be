import { describeValue, isRecord, SampleError, unknownKeys } from '@polymodal/core';
import { type ConversationReading, type ConversationRow, placeholders } from './read-conversation';
import { requireSaid, type SaidConversation, type SaidTurn } from './said-turn';

/**
 * A row of instruction, input and output. Pictures and sounds stand before the instruction where no placeholder says otherwise; a row without
 * output is one that is asked.
 *
 * @throws SampleError for an input that is none
 */
export function readInstruction(row: ConversationRow, { values }: ConversationReading): SaidConversation {
  const { system, instruction, input = {}, output } = row;
  const keys = Object.values(values);
  const { history, text, ...media } = readInput(input, keys);
  const asked = requireSaid(instruction, '"instruction"');
  const said: SaidTurn[] = [
    ...(system === undefined
      ? []
      : [{ role: 'system' as const, text: requireSaid(system, '"system"'), where: '"system"' }]),
    ...readHistory(history),
    { role: 'user', text: text === undefined ? asked : `${asked}\n${text}`, where: '"instruction"' },
    ...(output === undefined
      ? []
      : [{ role: 'assistant' as const, text: requireSaid(output, '"output"'), where: '"output"' }]),
  ];
  const isPlaced = said.some(({ role, text: own }) => role === 'user' && placeholders(keys).test(own));
  return { turns: isPlaced ? said : inFront(said, media), values: media };
}

function readInput(input: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof input === 'string') return input.trim() === '' ? {} : { text: input };
  if (!isRecord(input)) {
    throw new SampleError({ where: '"input"', expected: 'an object, or a text', received: describeValue(input) });
  }
  const unknown = unknownKeys(input, [...keys, 'history', 'text']);
  if (unknown) throw new SampleError({ where: '"input"', expected: `${keys.join(', ')}, history or text`, ...unknown });
  return input;
}

function readHistory(history: unknown = []): SaidTurn[] {
  const where = '"input", history';
  if (!Array.isArray(history) || history.length % 2 === 1) {
    throw new SampleError({
      where,
      expected: 'a list of texts, of the user and the assistant in turn',
      received: Array.isArray(history) ? `${history.length}, so that an answer is missing` : describeValue(history),
    });
  }
  return history.map((text, index) => {
    const own = `${where} ${index}`;
    return { role: index % 2 === 0 ? 'user' : 'assistant', text: requireSaid(text, own), where: own };
  });
}

/** With a placeholder for each value before the instruction. */
function inFront(turns: readonly SaidTurn[], media: Readonly<Record<string, unknown>>): SaidTurn[] {
  const all = Object.entries(media).flatMap(([key, cell]) => [cell].flat().map(() => `<${key}>`));
  return turns.map((turn) => (turn.where === '"instruction"' ? { ...turn, text: all.join('') + turn.text } : turn));
}
