import type { Batch } from './batch';
import type { Context } from './context';
import type { HeadOutput } from './head-output';
import type { Route } from './head-tree';
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
  { encoders, fusion, tree }: ForwardParts,
  batch: Batch,
  context: Context,
  routes: readonly Route[],
): ModelOutput {
  const fused = fusion.forward(encoders, batch, context);
  const made: Record<string, HeadOutput> = {};
  for (const route of tree.plan(routes)) {
    const target = selectTarget(batch.targets[route.name], route.rows);
    const output = tree.heads[route.name].forward(tree.input(route, fused, made), context, target);
    made[route.name] = { rows: route.rows, output };
  }
  return { fused, heads: Object.fromEntries(routes.map(({ name }) => [name, made[name]])) };
}
