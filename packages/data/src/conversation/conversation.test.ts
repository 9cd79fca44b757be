import { join } from 'node:path';
import type { Sample } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import type { Manifest } from '../manifest/manifest';
import { openManifest } from '../manifest/open-manifest';
import { temporaryFolder } from '../testing/temporary-folder';
import type { ConversationBinding } from './conversation-binding';

const files = { 'a.jpg': 'a', 'b.jpg': 'b', 'hum.wav': 'h' };
const turn = (from: string, value: string) => ({ from, value });

async function open(
  rows: readonly object[],
  conversation: ConversationBinding['conversation'],
  options: { own?: Partial<ConversationBinding>; file?: string; onError?: 'skip' } = {},
): Promise<{ manifest: Manifest; samples: Sample[]; at: (name: string) => string }> {
  const { own = {}, file = 'm.json', onError } = options;
  const text = file.endsWith('.jsonl')
    ? rows.map((row) => JSON.stringify(row)).join('\n')
    : JSON.stringify(rows, null, 1);
  const folder = temporaryFolder({ ...files, [file]: text });
  const manifest = await openManifest(join(folder, file), {
    slots: { text: { conversation, ...own } },
    ...(onError && { onError }),
  });
  const samples: Sample[] = [];
  for await (const sample of manifest) samples.push(sample);
  return { manifest, samples, at: (name) => join(folder, name) };
}

const llava = [
  {
    id: '1',
    image: 'a.jpg',
    conversations: [
      turn('human', '<image>\nWhat is it?'),
      turn('gpt', 'A cube.'),
      turn('human', 'Red?'),
      turn('gpt', 'Yes.'),
    ],
  },
  {
    id: '2',
    image: ['a.jpg', 'b.jpg'],
    conversations: [turn('human', 'Is <image> like <image>?'), turn('gpt', 'No.')],
  },
  { id: '3', conversations: [turn('system', 'Be short.'), turn('human', 'Hello'), turn('gpt', 'Hi')] },
];

describe('conversations of rows', () => {
  it.each(['m.json', 'm.jsonl'])('are read as the data of LLaVA have them: %s', async (file) => {
    const { manifest, samples, at } = await open(llava, 'llava', { file });
    expect(samples).toEqual([
      {
        text: [
          { role: 'user', content: [{ image: at('a.jpg') }, { text: 'What is it?' }] },
          { role: 'assistant', content: 'A cube.' },
          { role: 'user', content: 'Red?' },
          { role: 'assistant', content: 'Yes.' },
        ],
      },
      {
        text: [
          {
            role: 'user',
            content: [
              { text: 'Is ' },
              { image: at('a.jpg') },
              { text: ' like ' },
              { image: at('b.jpg') },
              { text: '?' },
            ],
          },
          { role: 'assistant', content: 'No.' },
        ],
      },
      {
        text: [
          { role: 'system', content: 'Be short.' },
          { role: 'user', content: 'Hello' },
          { role: 'assistant', content: 'Hi' },
        ],
      },
    ]);
    expect(manifest.where(0)).toMatch(file === 'm.json' ? /m\.json, line 2, row 1$/ : /m\.jsonl, line 1$/);
  });

  it('are made of instruction, input and output', async () => {
    const { samples, at } = await open(
      [
        { instruction: 'What is it?', input: { image: 'a.jpg', history: ['Hello.', 'Hi.'] }, output: 'A cube.' },
        { instruction: 'Add', input: '1 and 2', output: '3' },
        {
          system: 'Listen.',
          instruction: 'Behind <audio>: what was <image>?',
          input: { audio: 'hum.wav', image: 'b.jpg' },
        },
      ],
      'instruction',
    );
    expect(samples).toEqual([
      {
        text: [
          { role: 'user', content: 'Hello.' },
          { role: 'assistant', content: 'Hi.' },
          { role: 'user', content: [{ image: at('a.jpg') }, { text: 'What is it?' }] },
          { role: 'assistant', content: 'A cube.' },
        ],
      },
      {
        text: [
          { role: 'user', content: 'Add\n1 and 2' },
          { role: 'assistant', content: '3' },
        ],
      },
      {
        text: [
          { role: 'system', content: 'Listen.' },
          {
            role: 'user',
            content: [
              { text: 'Behind ' },
              { audio: at('hum.wav') },
              { text: ': what was ' },
              { image: at('b.jpg') },
              { text: '?' },
            ],
          },
        ],
      },
    ]);
  });

  it('are messages as chat programs send them, with files in parts or beside', async () => {
    const said = (role: string, content: unknown) => ({ role, content });
    const { samples, at } = await open(
      [
        { messages: [said('developer', 'Be short.'), said('user', 'Hello'), said('assistant', 'Hi')] },
        {
          messages: [
            said('user', [
              { type: 'text', text: 'Is ' },
              { type: 'image', image: 'a.jpg' },
              { type: 'text', text: ' like ' },
              { type: 'image_url', image_url: { url: 'b.jpg' } },
              { type: 'audio', path: 'hum.wav' },
            ]),
            said('assistant', [{ type: 'text', text: 'No.' }]),
          ],
        },
        { messages: [said('user', [{ type: 'image' }, { type: 'text', text: 'What?' }])], image: 'a.jpg' },
      ],
      'messages',
    );
    expect(samples.map(({ text }) => text)).toEqual([
      [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Hi' },
      ],
      [
        {
          role: 'user',
          content: [
            { text: 'Is ' },
            { image: at('a.jpg') },
            { text: ' like ' },
            { image: at('b.jpg') },
            { audio: at('hum.wav') },
          ],
        },
        { role: 'assistant', content: 'No.' },
      ],
      [{ role: 'user', content: [{ image: at('a.jpg') }, { text: 'What?' }] }],
    ]);
  });

  it('refuse messages that are none, or say a thing twice', async () => {
    const user = (content: unknown) => ({ messages: [{ role: 'user', content }] });
    const part = (own: object) => user([{ type: 'image', ...own }]);
    const bad: [object, RegExp][] = [
      [{ messages: [] }, /"messages": expected a list of messages/],
      [{ messages: ['x'] }, /"messages", 0: expected \{ role, content \}/],
      [{ messages: [{ role: 'user', content: 'a', name: 'b' }] }, /role and content alone.*"name"/],
      [{ messages: [{ role: 'tool', content: 'a' }] }, /expected role: "system".*received "tool"/],
      [{ messages: [{ role: 'system', content: 'a' }] }, /"system" alone/],
      [user(null), /expected a text/],
      [user([{ text: 'a' }]), /part 0: expected a part: \{ type/],
      [user([{ type: 'text', text: 'a', cache: 1 }]), /part 0: .*"cache"/],
      [user([{ type: 'video', video: 'a.mp4' }]), /part of type "text", "image", "audio".*"video"/],
      [part({ image: 'a.jpg', url: 'b.jpg' }), /as one of image, path, url.*image and url/],
      [part({ image: 'a.jpg', detail: 'low' }), /as one of image, path, url.*"detail"/],
      [{ ...part({ image: 'a.jpg' }), image: 'b.jpg' }, /"image": expected values in parts.*both/],
      [part({}), /"image" for each placeholder/],
    ];
    const { manifest } = await open([...bad.map(([row]) => row), user('x')], 'messages', { onError: 'skip' });
    expect(manifest.length).toBe(1);
    const told = manifest.faults.first.map(({ message }) => message);
    bad.forEach(([, expected], index) => {
      expect(told[index]).toMatch(expected);
    });
  });

  it('name slots as the model does, and pass over what is said to be none of theirs', async () => {
    const own = { values: { photo: 'image' }, ignore: ['model'] };
    const { samples, at } = await open([{ ...llava[0], model: 'x' }], 'llava', { own });
    expect(samples[0].text).toMatchObject([{ content: [{ photo: at('a.jpg') }, { text: 'What is it?' }] }, {}, {}, {}]);
  });

  it('are refused by row, and say what is wrong', async () => {
    const [good] = llava;
    const answer = turn('gpt', 'x');
    const bad: [object, RegExp][] = [
      [{ ...good, imgae: 'a.jpg' }, /"imgae".*ignore/s],
      [{ ...good, image: 'lost.jpg' }, /"image": .*"lost.jpg"/],
      [{ id: '1', conversations: good.conversations }, /turn 0: expected "image" for each placeholder <image>/],
      [{ ...good, conversations: [turn('human', 'Hi'), answer] }, /"image": expected a placeholder <image>.*1 without/],
      [
        { ...good, conversations: [turn('gpt', 'x'), turn('human', '<image>')] },
        /turn 0: expected "human" and "gpt" in turn/,
      ],
      [{ ...good, conversations: [turn('human', '<image>'), turn('human', 'b')] }, /turn 1: .*a turn of "human"/],
      [{ ...good, conversations: [turn('user', '<image>'), answer] }, /turn 0: expected from: "human"/],
      [{ ...good, conversations: [{ ...turn('human', '<image>'), weight: 0 }, answer] }, /turn 0: .*"weight"/],
      [
        { ...good, conversations: [turn('human', 'a'), turn('gpt', '<image>')] },
        /turn 1: expected placeholders in questions/,
      ],
      [
        { ...good, conversations: [turn('human', '<image>'), turn('gpt', ' ')] },
        /turn 1: expected a text, received an empty/,
      ],
    ];
    const { manifest } = await open([...bad.map(([row]) => row), good], 'llava', { onError: 'skip' });
    expect(manifest.length).toBe(1);
    const told = manifest.faults.first.map(({ message }) => message);
    bad.forEach(([, expected], index) => {
      expect(told[index]).toMatch(expected);
      expect(told[index]).toMatch(/m\.json, line \d+, row \d+/);
    });
  });

  it('refuses instructions that are none', async () => {
    const bad: [object, RegExp][] = [
      [{ instruction: 'x', input: { picture: 'a.jpg' }, output: 'y' }, /"input": .*"picture"/],
      [{ instruction: 'x', input: { history: ['a'] }, output: 'y' }, /history: .*an answer is missing/],
      [{ instruction: '', output: 'y' }, /"instruction": expected a text/],
    ];
    const { manifest } = await open([...bad.map(([row]) => row), { instruction: 'x', output: 'y' }], 'instruction', {
      onError: 'skip',
    });
    const told = manifest.faults.first.map(({ message }) => message);
    bad.forEach(([, expected], index) => {
      expect(told[index]).toMatch(expected);
    });
  });
});

describe('a list in JSON', () => {
  const read = async (text: string) => {
    const folder = temporaryFolder({ 't.json': text });
    const manifest = await openManifest(join(folder, 't.json'), { slots: { a: 'a' }, onError: 'skip' });
    const values = await Promise.all(Array.from({ length: manifest.length }, (_, index) => manifest.get(index)));
    return { values: values.map(({ a }) => a), faults: manifest.faults };
  };

  it('has the rows that JSON.parse has, whatever stands in them, in blocks and at once', async () => {
    const values = Array.from({ length: 3000 }, (_, index) => `${index} ]},{[ "\\" ${'é'.repeat(index % 90)}`);
    const rows = values.map((a, index) => ({ b: { c: [index, '}'] }, a }));
    for (const text of [JSON.stringify(rows), `\uFEFF \n ${JSON.stringify(rows, null, 2)}\n`]) {
      expect((await read(text)).values).toEqual(values);
    }
  });

  it('says of a row what is wrong with it, and of a file that is none', async () => {
    const { values, faults } = await read('[{"a": "x"}, 7, {"a": "y", "a": "z"}, {"a": "w"}]');
    expect(values).toEqual(['x', 'w']);
    expect(faults.count).toBe(2);
    await expect(read('{"a": "x"}')).rejects.toThrow(/a list of objects in JSON/);
    await expect(read('[{"a": "x"}, ')).rejects.toThrow(/a list that does not end/);
  });
});
