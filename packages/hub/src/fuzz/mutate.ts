import { type Draft, renderDraft, type TensorDraft } from './draft';
import type { Random } from './random';

/** Changes a draft in its structure up to three times and its bytes up to three times. */
export function mutate(random: Random, draft: Draft): Uint8Array<ArrayBuffer> {
  for (let changes = random.below(4); changes > 0; changes--) random.pick(structural)(random, draft);
  let file = renderDraft(draft);
  if (random.oneIn(3))
    for (let changes = random.between(1, 3); changes > 0; changes--) file = random.pick(raw)(random, file);
  return file;
}

const numbers = [
  ...[
    '-1',
    '1.5',
    '1.0',
    '1e0',
    '1E2',
    '-0',
    '01',
    '+1',
    '0x1',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
  ],
  ...[
    '18446744073709551615',
    '18446744073709551616',
    '1e400',
    '4294967296',
    '2147483648',
    'null',
    'true',
    '"1"',
    '[]',
    '{}',
  ],
  ...['NaN', 'Infinity', '', ' 3 ', '3\n', '00', '1_0', '0'.repeat(400), `1${'0'.repeat(400)}`],
];
const values = ['null', 'true', '7', '-1', '"text"', '[]', '{}', '[[]]', '{"a":{}}', '', '"\\ud800"', '"\\u0000"', '"'];
const dtypes = [
  'F32',
  'F16',
  'BF16',
  'I64',
  'BOOL',
  'U8',
  'F4',
  'F6_E2M3',
  'F8_E8M0',
  'C64',
  'f32',
  'F128',
  '__proto__',
  '',
];
const fieldNames = ['"dtype"', '"shape"', '"data_offsets"', '"Shape"', '"\\u0064type"', '"extra"', '"__proto__"'];
const strangers = [
  '"\\u0061"',
  '"a"',
  '"__metadata__"',
  '"__proto__"',
  '"\\ud83d"',
  '"\\ud83d\\ude00"',
  '"\\/"',
  'a',
  "'a'",
  '""',
];

type Structural = (random: Random, draft: Draft) => unknown;

/** A change of parts of the draft as a whole. */
const set =
  (parts: (random: Random, draft: Draft) => Partial<Draft>): Structural =>
  (random, draft) =>
    Object.assign(draft, parts(random, draft));

const structural: readonly Structural[] = [
  (random, draft) => changeNumber(random, draft, '"shape"'),
  (random, draft) => changeNumber(random, draft, '"data_offsets"'),
  nudgeOffsets,
  nudgeOffsets,
  (random, draft) => setField(random, draft, '"dtype"', JSON.stringify(random.pick(dtypes))),
  (random, draft) => setField(random, draft, random.pick(fieldNames), random.pick(values)),
  (random, draft) => withTensor(random, draft, ({ fields }) => fields.splice(random.below(fields.length), 1)),
  (random, draft) => withTensor(random, draft, ({ fields }) => fields.push({ ...random.pick(fields) })),
  (random, draft) =>
    withTensor(random, draft, ({ fields }) =>
      fields.push({ name: random.pick(fieldNames), value: random.pick(values) }),
    ),
  (random, draft) => withMember(random, draft, (member) => draft.members.push({ ...member })),
  (random, draft) =>
    withMember(random, draft, ({ value }) => draft.members.push({ name: random.pick(strangers), value })),
  (random, draft) => withMember(random, draft, (member) => Object.assign(member, { name: random.pick(strangers) })),
  (random, draft) => withMember(random, draft, (member) => Object.assign(member, { value: random.pick(values) })),
  (random, { members }) => members.splice(random.below(members.length + 1), 1),
  (random, { members }) => members.push({ name: '"__metadata__"', value: random.pick(metadata) }),
  (random, { members }) => members.push({ name: '"deep"', value: '['.repeat(10 ** random.below(5)) }),
  (_, { members }) => members.reverse(),
  set((random, draft) => ({ headerLength: random.pick(lengths)(random, draft) })),
  set((random) => ({ before: random.pick([' ', '\n', '\ufeff', '[', '{', 'x', '\0']) })),
  set((random) => ({
    after: random.pick(['', ' ', '\n\t\r', '\0', 'x', ',', '}', '{}', '\u00a0', '\f', '//', '\u2028']),
  })),
  set((random) => ({ data: random.bytes(random.below(40)) })),
  set((random, { data }) => ({ data: data.slice(0, random.below(data.length + 1)) })),
  set((random, { data }) => ({ data: new Uint8Array([...data, ...random.bytes(random.between(1, 9))]) })),
];

const metadata = [
  'null',
  '{"a":1}',
  '{"a":null}',
  '{"a":"b","a":"c"}',
  '{"a":{}}',
  '[]',
  '{"__proto__":"x"}',
  '{"":""}',
  '3',
];

const lengths: readonly ((random: Random, draft: Draft) => bigint)[] = [
  () => 0n,
  () => 1n,
  () => 2n,
  () => 100_000_001n,
  () => 2n ** 63n,
  () => 2n ** 64n - 1n,
  () => -8n,
  (random, draft) => BigInt(renderDraft(draft).length - 8 - random.below(12)),
  (random, draft) => BigInt(renderDraft(draft).length - 8 - draft.data.length + random.between(-4, 4)),
];

type Raw = (random: Random, file: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

const raw: readonly Raw[] = [
  (random, file) => (file.length === 0 ? file : file.with(random.below(file.length), random.below(256))),
  (random, file) => flipBit(random, file, file.length),
  (random, file) => flipBit(random, file, Math.min(file.length, 300)),
  (random, file) => flipBit(random, file, Math.min(file.length, 8)),
  (random, file) => file.slice(0, random.below(file.length + 1)),
  (random, file) => new Uint8Array([...file, ...random.bytes(random.between(1, 16))]),
  (random, file) => {
    const [from, to, length] = [random.below(file.length + 1), random.below(file.length + 1), random.below(24)];
    return new Uint8Array([...file.slice(0, to), ...file.slice(from, from + length), ...file.slice(to)]);
  },
  (random, file) => {
    const from = random.below(file.length + 1);
    return new Uint8Array([...file.slice(0, from), ...file.slice(from + random.between(1, 8))]);
  },
];

function flipBit(random: Random, file: Uint8Array<ArrayBuffer>, within: number): Uint8Array<ArrayBuffer> {
  const changed = file.slice();
  if (within > 0) changed[random.below(within)] ^= 1 << random.below(8);
  return changed;
}

function withMember(random: Random, { members }: Draft, change: (member: Draft['members'][number]) => unknown): void {
  if (members.length > 0) change(random.pick(members));
}

function withTensor(random: Random, draft: Draft, change: (tensor: TensorDraft) => unknown): void {
  const tensors = draft.members.flatMap(({ value }) =>
    typeof value === 'string' || value.fields.length === 0 ? [] : [value],
  );
  if (tensors.length > 0) change(random.pick(tensors));
}

function setField(random: Random, draft: Draft, name: string, value: string): void {
  withTensor(random, draft, ({ fields }) => {
    for (const field of fields) if (field.name === name) field.value = value;
  });
}

/** Replaces, adds or takes away one number of a list. */
function changeNumber(random: Random, draft: Draft, name: string): void {
  withTensor(random, draft, ({ fields }) => {
    for (const field of fields.filter((candidate) => candidate.name === name)) {
      const items = field.value.replace(/[[\]]/g, '').split(',').filter(Boolean);
      items.splice(random.below(items.length + 1), random.below(2), random.pick(numbers));
      field.value = `[${items.join(',')}]`;
    }
  });
}

/** Moves the range of one tensor, or both ends of it, by a little: overlaps, holes, wrong lengths, ranges beyond the end. */
function nudgeOffsets(random: Random, draft: Draft): void {
  withTensor(random, draft, ({ fields }) => {
    for (const field of fields.filter(({ name }) => name === '"data_offsets"')) {
      const [begin, end] = field.value.split(/\D+/).filter(Boolean).map(Number);
      const step = random.pick([-8, -4, -2, -1, 1, 2, 4, 8]);
      const kind = random.below(3);
      field.value = `[${(begin ?? 0) + (kind === 1 ? 0 : step)},${(end ?? 0) + (kind === 0 ? 0 : step)}]`;
    }
  });
}
