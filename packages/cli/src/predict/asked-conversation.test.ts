import { expect, it } from 'vitest';
import { asConversation, withoutAnswers } from './asked-conversation';

const bindings = { text: { conversation: 'llava', values: { photo: 'image' } }, title: 'title' } as const;
const question = { role: 'user', content: 'What is it?' };

it('an answer that stands behind the last question is left out, and nothing else', () => {
  const answered = [question, { role: 'assistant', content: 'A ball.' }];
  expect(withoutAnswers({ text: answered, title: 'a' }, bindings)).toEqual({ text: [question], title: 'a' });
  const goingOn = [...answered, question];
  expect(withoutAnswers({ text: goingOn }, bindings)).toEqual({ text: goingOn });
  expect(withoutAnswers({ text: answered }, { text: 'text' })).toEqual({ text: answered });
});

it('values are asked about as in a conversation, where the model has learned such', () => {
  const sample = { text: 'What is it?', photo: 'a.png', title: 'a' };
  const content = [{ photo: 'a.png' }, { text: 'What is it?' }];
  expect(asConversation(sample, bindings)).toEqual({ title: 'a', text: [{ role: 'user', content }] });
  expect(asConversation(sample, { text: 'text', photo: 'photo' })).toEqual(sample);
  expect(asConversation({ photo: 'a.png' }, bindings)).toEqual({ photo: 'a.png' });
});
