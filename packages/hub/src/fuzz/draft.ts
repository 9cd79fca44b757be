import type { SafetensorsDtype } from '@polymodal/core';
import type { Random } from './random';

/** A file of texts and bytes that are put together last, so that a mutation may put anything anywhere. */
export interface Draft {
  /** Name and value of each member of the header, in JSON. */
  readonly members: { name: string; value: string | TensorDraft }[];
  data: Uint8Array<ArrayBuffer>;
  /** What the first eight bytes say, if not the header's length. */
  headerLength?: bigint;
  before: string;
  after: string;
}

/** An entry of the header, whose parts are JSON. */
export interface TensorDraft {
  fields: { name: string; value: string }[];
}

const widths: Partial<Record<SafetensorsDtype, number>> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1 },
  ...{ F8_E4M3: 1, F8_E5M2: 1, C64: 8 },
};
const names = [
  'a',
  'weight',
  'layer.0.bias',
  'größe',
  '__proto__',
  'constructor',
  '',
  ' ',
  '0',
  'a"b',
  'a\\b',
  '权重',
  '😀',
];

/** A file that keeps all rules, of up to five tensors. */
export function drawDraft(random: Random): Draft {
  const members: Draft['members'] = [];
  const taken = new Set<string>();
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (let count = random.below(6); count > 0; count--) {
    const name = random.oneIn(3) ? `tensor.${count}` : random.pick(names);
    if (taken.has(name)) continue;
    taken.add(name);
    const dtype = random.pick(Object.keys(widths) as SafetensorsDtype[]);
    const shape = Array.from({ length: random.below(4) }, () => random.below(5));
    const length = shape.reduce((all, side) => all * side, 1) * widths[dtype]!;
    parts.push(drawData(random, dtype, length));
    members.push({ name: JSON.stringify(name), value: entry(dtype, shape, offset, offset + length) });
    offset += length;
  }
  if (random.oneIn(2)) {
    const metadata = JSON.stringify({ format: 'pt', ...(random.oneIn(3) && { ['__proto__']: 'x' }) });
    members.splice(random.below(members.length + 1), 0, { name: '"__metadata__"', value: metadata });
  }
  if (random.oneIn(3)) members.reverse();
  return { members, data: new Uint8Array(Buffer.concat(parts)), before: '', after: ' '.repeat(random.below(9)) };
}

/** Small numbers as often as any bits, so that integers fit into int32 and bools are 0 or 1 half of the time. */
function drawData(random: Random, dtype: SafetensorsDtype, length: number): Uint8Array {
  if (random.oneIn(2)) return random.bytes(length);
  if (dtype === 'BOOL') return random.bytes(length).map((byte) => byte % 2);
  return random.bytes(length).map((byte, index) => (index % widths[dtype]! < 3 ? byte : 0));
}

function entry(dtype: string, shape: readonly number[], begin: number, end: number): TensorDraft {
  return {
    fields: [
      { name: '"dtype"', value: JSON.stringify(dtype) },
      { name: '"shape"', value: JSON.stringify(shape) },
      { name: '"data_offsets"', value: JSON.stringify([begin, end]) },
    ],
  };
}

/** The bytes of a draft. */
export function renderDraft({ members, data, headerLength, before, after }: Draft): Uint8Array<ArrayBuffer> {
  const header = Buffer.from(before + renderObject(members.map(renderMember)) + after);
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt.asUintN(64, headerLength ?? BigInt(header.length)));
  return new Uint8Array(Buffer.concat([start, header, data]));
}

function renderMember({ name, value }: Draft['members'][number]): { name: string; value: string } {
  return { name, value: typeof value === 'string' ? value : renderObject(value.fields) };
}

function renderObject(fields: readonly { name: string; value: string }[]): string {
  return `{${fields.map(({ name, value }) => `${name}:${value}`).join(',')}}`;
}
