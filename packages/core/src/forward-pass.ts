import type { Batch } from './batch';
import type { Context } from './context';
import type { HeadOutput } from './head-output';
import type { Route } from './head-tree';
import { fuse } from './part/fuse';
import { headOutput } from './part/run-head';
import type { ForwardParts } from './predict/model-programs';
import { selectTarget } from './select-rows';
import type { Fused } from './tokens';

/** The tensors of a forward pass. */
export interface ModelOutput {
  readonly fused: Fused;
  readonly heads: Readonly<Record<string, HeadOutput>>;
}

/** Encodes, fuses and runs some heads, and before each what feeds it. */
export function forwardPass(
  parts: ForwardParts,
  batch: Batch,
  context: Context,
  routes: readonly Route[],
): ModelOutput {
  const { tree } = parts;
  const fused = fuse(parts, batch, context);
  const made: Record<string, HeadOutput> = {};
  for (const route of tree.plan(routes)) {
    const target = selectTarget(batch.targets[route.name], route.rows);
    const output = headOutput(tree.named(route.name), tree.input(route, fused, made), context, target);
    made[route.name] = { rows: route.rows, output };
  }
  return { fused, heads: Object.fromEntries(routes.map(({ name }) => [name, made[name]])) };
}
