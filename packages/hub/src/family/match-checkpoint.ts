import type { Checkpoint, TensorInfo } from '../checkpoint/checkpoint';
import { checkDifferences } from './checkpoint-keys-error';
import type { IgnoredKey, KeyMap } from './key-map';
import { NamePattern } from './name-pattern';
import type { Transfer } from './plan-transfers';
import { storedNames } from './stored-names';

/** A {@link Transfer} with the name that its tensor has in a checkpoint. */
export interface MatchedTransfer extends Transfer {
  readonly stored: string;
}

/**
 * Finds the tensor of each transfer in a checkpoint. Every tensor is used once or listed as ignored, and every shape fits. Where the
 * model is a part of a larger one, what stands outside its prefix is the larger one's: a head, say, which Python passes over too.
 *
 * @throws CheckpointKeysError naming all that is missing, unexpected, misshaped or there twice
 */
export function matchCheckpoint(
  checkpoint: Pick<Checkpoint, 'path' | 'names' | 'info'>,
  transfers: readonly Transfer[],
  keyMap: KeyMap,
): MatchedTransfer[] {
  const candidatesOf = storedNames(checkpoint, keyMap).candidatesOf;
  const matched: MatchedTransfer[] = [];
  const missing: string[] = [];
  const duplicate: string[] = [];
  const used = new Set<string>();
  for (const transfer of transfers) {
    const candidates = [transfer.theirs, ...transfer.formerly].flatMap(candidatesOf);
    for (const name of candidates) used.add(name);
    if (candidates.length === 0) missing.push(transfer.theirs);
    else if (candidates.length > 1) duplicate.push(candidates.join(' and '));
    else matched.push({ ...transfer, stored: candidates[0] });
  }
  const isIgnored = ignoredBy(keyMap);
  const isOutside = outsideOf(matched, keyMap);
  checkDifferences(checkpoint.path, `the ${transfers.length} tensors of the model`, {
    missing,
    unexpected: checkpoint.names.filter((name) => !used.has(name) && !isIgnored(name) && !isOutside(name)),
    misshaped: matched.flatMap((transfer) => misfit(transfer, checkpoint.info(transfer.stored))),
    duplicate,
  });
  return matched;
}

function ignoredBy({ entries, ignored = [], prefixes = [] }: KeyMap): (name: string) => boolean {
  const derived = entries.flatMap((entry) => entry.derived ?? []);
  const keys: readonly Pick<IgnoredKey, 'theirs' | 'from'>[] = [...ignored, ...derived];
  const patterns = keys.flatMap(({ theirs, from = 0 }) =>
    ['', ...prefixes].map((prefix) => ({ pattern: new NamePattern(prefix + theirs), from })),
  );
  return (name) =>
    patterns.some(({ pattern, from }) => {
      const binding = pattern.match(name);
      return binding !== undefined && Number(binding.get('{i}') ?? from) >= from;
    });
}

/** What stands outside the prefix that all tensors of the model have; nothing does where they have none, or several. */
function outsideOf(matched: readonly MatchedTransfer[], { prefixes = [] }: KeyMap): (name: string) => boolean {
  const prefix = prefixes.find((each) => matched.every(({ stored }) => stored.startsWith(each)));
  return (name) => matched.length > 0 && prefix !== undefined && !name.startsWith(prefix);
}

const floatTypes: readonly string[] = ['F64', 'F32', 'F16', 'BF16'];

function misfit({ stored, shape, dtype }: MatchedTransfer, info: TensorInfo): string[] {
  const fits = shape.length === info.shape.length && shape.every((length, axis) => length === info.shape[axis]);
  if (!fits) return [`${stored}: expected [${shape.join(', ')}], received [${info.shape.join(', ')}]`];
  const types = dtype ? [dtype] : floatTypes;
  return types.includes(info.dtype) ? [] : [`${stored}: expected ${types.join(' or ')}, received ${info.dtype}`];
}
