import { ConfigError, type HeadRows, type Model, mapRecord } from '@polymodal/core';
import * as tf from '@tensorflow/tfjs-core';
import { type Augment, mixesRows } from './data/augment';
import { learningHeads } from './loss-gradients';
import type { ParsedStage } from './train-options';
import { largestWeights } from './weighing/loss-weight';

/** @throws ConfigError where there is nothing that it would change, and for what it cannot do exactly */
export function checkGradCache(model: Model, { settings, where }: ParsedStage, augment: Augment | undefined): void {
  if (!settings.gradCache) return;
  const heads = learningHeads(model, largestWeights(settings.lossWeights));
  const refuse = (expected: string, received: string): never => {
    throw new ConfigError({ where: `${where}.gradCache`, expected, received });
  };
  const alone = heads.filter((head) => model.heads[head].comparesRows && !model.heads[head].rowTensors);
  if (alone.length > 0) {
    refuse(
      'heads that compare rows across batches, or weights of 0 for others',
      `${alone.join(', ')}, within one alone`,
    );
  }
  const able = comparingHeads(model, heads);
  if (able.length === 0)
    refuse('a head whose loss compares rows, a contrastive one say', `the heads ${heads.join(', ')}`);
  if (settings.accumulate === 1)
    refuse('several batches to a step (accumulate), whose rows are compared', 'accumulate: 1');
  if (mixesRows(augment)) refuse('rows that are not mixed with one another', 'an augmentation that mixes them');
  if (settings.lossBalance && settings.lossBalance.use === 'gradient-norm') {
    refuse(
      'losses that are not balanced by gradient norms, which are measured on one batch',
      "lossBalance 'gradient-norm'",
    );
  }
  if (settings.gradientConflicts !== false) {
    refuse('gradients of heads that are not compared, which is done on one batch', 'gradientConflicts');
  }
}

/** The heads, of those that learn, that can compare the rows of several batches. */
export function comparingHeads(model: Model, learning: readonly string[]): string[] {
  return learning.filter((head) => model.heads[head].comparesRows && model.heads[head].rowTensors);
}

/** The rows of several batches, one after the other. A batch may have none of a tensor. */
export function joinedRows(parts: readonly HeadRows[]): HeadRows {
  return mapRecord(tensorNames(parts), (names, head) =>
    Object.fromEntries(names.map((name) => [name, tf.concat(partsOf(parts, head, name))])),
  );
}

/** Such rows, or gradients by them, taken apart again: those of each batch. */
export function partedRows(joined: HeadRows, parts: readonly HeadRows[]): HeadRows[] {
  const made: Record<string, tf.NamedTensorMap>[] = parts.map((own) => mapRecord(own, () => ({})));
  for (const [head, tensors] of Object.entries(joined)) {
    for (const [name, tensor] of Object.entries(tensors)) {
      const owners = parts.flatMap((own, index) => (own[head]?.[name] ? [index] : []));
      const sizes = partsOf(parts, head, name).map(({ shape }) => shape[0]);
      tf.split(tensor, sizes).forEach((piece, place) => {
        made[owners[place]][head][name] = piece;
      });
    }
  }
  return made;
}

function tensorNames(parts: readonly HeadRows[]): Record<string, string[]> {
  const heads = [...new Set(parts.flatMap((own) => Object.keys(own)))];
  const namesOf = (head: string) => [...new Set(parts.flatMap((own) => Object.keys(own[head] ?? {})))];
  return Object.fromEntries(heads.map((head) => [head, namesOf(head)]));
}

function partsOf(parts: readonly HeadRows[], head: string, name: string): tf.Tensor[] {
  return parts.flatMap((own) => (own[head]?.[name] ? [own[head][name]] : []));
}
