import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { FileFormatError } from '@polymodal/core';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { openCheckpoint } from '../checkpoint/open-checkpoint';
import type { Verdict } from './check-file';
import { drawDraft, renderDraft } from './draft';
import { mutate } from './mutate';
import { readNaively } from './naive-validator';
import type { Random } from './random';

const indexName = 'model.safetensors.index.json';

/**
 * Writes a sharded checkpoint, changes its index, a shard or a file, opens it and holds the outcome against a plain reading.
 *
 * @throws Error for anything but the right tensors or a FileFormatError
 */
export async function checkFolder(random: Random, folder: string): Promise<Verdict> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'sub'), { recursive: true });
  const index = writeShards(random, folder);
  const [, first] = index.match(/: "([^"]*)"/) ?? [];
  if (first) copyFileSync(join(folder, first), join(folder, '..', 'outside.safetensors')); // right but for its place
  writeFileSync(join(folder, indexName), random.oneIn(2) ? changeIndex(random, index) : index);
  if (random.oneIn(4)) replaceByLink(random, folder);
  return judge(folder, readPlainly(folder));
}

async function judge(folder: string, expected: ReadonlyMap<string, string> | string): Promise<Verdict> {
  let checkpoint: Checkpoint;
  try {
    checkpoint = await openCheckpoint(folder);
  } catch (error) {
    if (!(error instanceof FileFormatError)) throw error;
    return typeof expected === 'string' ? 'refused' : 'refused though valid';
  }
  try {
    if (typeof expected === 'string') throw new Error(`accepted a folder with ${expected}`);
    const read = new Map(checkpoint.names.map((name) => [name, JSON.stringify(checkpoint.info(name))]));
    if (JSON.stringify([...read].sort()) !== JSON.stringify([...expected].sort())) throw new Error('other tensors');
  } finally {
    await checkpoint.close();
  }
  return 'accepted';
}

/** Writes up to three shards with tensors of their own, one of them perhaps mutated. @returns their index */
function writeShards(random: Random, folder: string): string {
  const weightMap: string[] = [];
  const count = random.between(1, 3);
  const mutated = random.below(2 * count);
  for (let shard = 0; shard < count; shard++) {
    const name = `${random.oneIn(5) ? 'sub/' : ''}model-0000${shard + 1}-of-0000${count}.safetensors`;
    const draft = drawDraft(random);
    const tensors = draft.members.filter((member) => typeof member.value !== 'string');
    for (const member of tensors) {
      member.name = `"${shard}.${member.name.slice(1)}`;
      weightMap.push(`${member.name}: ${JSON.stringify(name)}`);
    }
    writeFileSync(join(folder, name), shard === mutated ? mutate(random, draft) : renderDraft(draft));
  }
  return `{"metadata": {"total_size": 7}, "weight_map": {${weightMap.join(', ')}}}`;
}

const shardNames = [
  '../outside.safetensors',
  'sub/../../outside.safetensors',
  '/outside.safetensors',
  'none.safetensors',
];
shardNames.push(
  'link.safetensors',
  '..\\\\outside.safetensors',
  '',
  '.',
  'sub',
  './x.safetensors',
  indexName,
  'sub//x',
);

function changeIndex(random: Random, index: string): string {
  const entries = [...index.matchAll(/"[^"]*": "[^"]*safetensors"/g)].map(([entry]) => entry);
  const entry = entries.length > 0 ? random.pick(entries) : '"weight_map"';
  const outside = random.pick(shardNames);
  const changes: readonly (() => string)[] = [
    () => index.replaceAll(/"[^"]*0001-of[^"]*"/g, () => `"${outside}"`),
    () => index.replace(entry, `${entry}, "ghost": ${entry.split(': ').at(-1)}`),
    () => index.replace(entry, entry.replace(/"([^"]*)":/, '"$1x":')),
    () => index.replace(entry, `${entry}, ${entry}`),
    () => index.replace(entry, random.pick(['', '"a": 3', '"a": null', '"a": ["x.safetensors"]', '"__proto__": {}'])),
    () => index.replace(`, ${entry}`, ''),
    () => index.replace('weight_map', random.pick(['weightmap', '__proto__', 'metadata'])),
    () => index.slice(0, random.below(index.length)),
    () =>
      index.slice(0, random.below(index.length)) + random.pick(['"', '{', '}', ',', '\\', '\0', '[']) + index.slice(-9),
    () => '['.repeat(10 ** random.below(6)),
  ];
  return random.pick(changes)();
}

/** Moves a shard out of the folder and links to it. */
function replaceByLink(random: Random, folder: string): void {
  const shards = readdirSync(folder).filter((name) => name.endsWith('.safetensors'));
  if (shards.length === 0) return;
  const [path, outside] = [join(folder, random.pick(shards)), join(folder, '..', 'moved.safetensors')];
  renameSync(path, outside);
  symlinkSync(outside, path);
}

/** The tensors of a folder by a plain reading of its index and shards, or what is wrong. */
function readPlainly(folder: string): ReadonlyMap<string, string> | string {
  const text = readFileSync(join(folder, indexName), 'utf8');
  let weightMap: unknown;
  try {
    weightMap = JSON.parse(text)?.weight_map;
  } catch {
    return 'an index that is no JSON';
  }
  if (typeof weightMap !== 'object' || weightMap === null || Array.isArray(weightMap)) return 'no weight_map';
  const names = Object.keys(weightMap);
  if ([...text.matchAll(/"(?:[^"\\]|\\.)*"\s*:/g)].length !== names.length + 3) return 'keys beside those of an index';
  const files = new Map<string, ReturnType<typeof readNaively>>();
  for (const file of new Set(Object.values(weightMap))) {
    if (typeof file !== 'string' || !/^(sub\/)?[^/\\]+\.safetensors$/.test(file)) return `the shard ${String(file)}`;
    const status = lstatSync(join(folder, file), { throwIfNoEntry: false });
    if (!status?.isFile()) return `no shard ${basename(file)}`;
    files.set(file, readNaively(readFileSync(join(folder, file))));
  }
  const tensors = new Map<string, string>();
  for (const [file, content] of files) {
    if (typeof content === 'string') return content;
    for (const [name, { dtype, shape }] of content) {
      if ((weightMap as Record<string, unknown>)[name] !== file) return `${name} where the index has it not`;
      tensors.set(name, JSON.stringify({ dtype, shape }));
    }
  }
  return names.every((name) => tensors.has(name)) ? tensors : 'a tensor that is in no shard';
}
