import type { Sample } from '@polymodal/core';
import type { Binding } from '@polymodal/data';

type Bindings = Readonly<Record<string, Binding>>;

/** A sample of a table, whose conversations end with a question: an answer that stands behind it is what the model is asked for. */
export function withoutAnswers(sample: Sample, bindings: Bindings): Sample {
  const asked = conversationsOf(bindings).flatMap(({ slot }) => {
    const turns = sample[slot];
    const isAnswered = Array.isArray(turns) && turns.at(-1)?.role === 'assistant';
    return isAnswered ? [[slot, turns.slice(0, -1)] as const] : [];
  });
  return { ...sample, ...Object.fromEntries(asked) };
}

/** A sample of values, whose text a model that has learned conversations is asked as one: pictures and sounds before it. */
export function asConversation(sample: Sample, bindings: Bindings): Sample {
  const [conversation] = conversationsOf(bindings);
  const text = conversation && sample[conversation.slot];
  if (typeof text !== 'string') return sample;
  const { slot, values } = conversation;
  const within = Object.entries(sample).filter(([name]) => values.includes(name));
  const others = Object.entries(sample).filter(([name]) => name !== slot && !values.includes(name));
  const content = [...within.map(([name, value]) => ({ [name]: value })), { [slot]: text }];
  return { ...Object.fromEntries(others), [slot]: [{ role: 'user', content }] };
}

function conversationsOf(bindings: Bindings): { slot: string; values: string[] }[] {
  return Object.entries(bindings).flatMap(([slot, binding]) =>
    typeof binding === 'object' && 'conversation' in binding
      ? [{ slot, values: Object.keys(binding.values ?? {}) }]
      : [],
  );
}
