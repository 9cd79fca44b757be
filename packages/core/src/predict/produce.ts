import type { Context } from '../context';
import type { ProducedPiece } from '../head';
import type { HeadOutput } from '../head-output';
import type { HeadTree, Route } from '../head-tree';
import { headOutput, headPieces } from '../part/run-head';
import type { Fused } from '../tokens';
import type { HeadOptions } from './head-answers';
import type { PassTensors } from './pass-tensors';

/** Where a pass stands. */
export interface Pass {
  readonly fused: Fused;
  /** What the heads so far made, to which the next one adds. */
  readonly made: Record<string, HeadOutput>;
  readonly options: HeadOptions;
  readonly context: Context;
  readonly tensors: PassTensors;
}

/** Runs one head of a plan, step by step if it is one that does so, and tells the pieces that it produces. */
export async function* produce(tree: HeadTree, route: Route, pass: Pass): AsyncGenerator<ProducedPiece<unknown>> {
  const { fused, made, options, context, tensors } = pass;
  const named = tree.named(route.name);
  const input = tensors.keep(() => tree.input(route, fused, made));
  const asked = () => options[route.name] ?? named.head.predictOptions.parse({});
  const output = named.head.produce
    ? tensors.adopt(yield* headPieces(named, input, context, asked(), route.rows.length))
    : tensors.keep(() => headOutput(named, input, context) as object);
  made[route.name] = { rows: route.rows, output };
}

/** The same, for whom the pieces do not matter. */
export async function produceAll(tree: HeadTree, route: Route, pass: Pass): Promise<void> {
  // What it produced is among what was made.
  for await (const _ of produce(tree, route, pass)) pass.context.signal?.throwIfAborted();
}
