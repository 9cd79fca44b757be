import type { Batch } from './batch';
import type { Context } from './context';
import type { HeadOutput } from './head-output';
import type { Route } from './head-tree';
import { fuse } from './part/fuse';
import { headOutput, headView } from './part/run-head';
import type { ForwardParts } from './predict/model-programs';
import { neededBatch } from './routing/needed-slots';
import { selectBatch, selectTarget } from './select-rows';
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

/** What some heads make of a batch, for which what none of them needs is not run. */
function headsOf(parts: ForwardParts, batch: Batch, context: Context, routes: readonly Route[]): ModelOutput['heads'] {
  const names = routes.map(({ name }) => name);
  return forwardPass(parts, neededBatch(parts, names, batch), context, routes).heads;
}

/**
 * As a {@link forwardPass}, for losses: a head that learns from a view of its own is given what the model makes of that, in a further pass;
 * the batch as it is, is fused where another head needs it, or the one that feeds it.
 */
export function learningPass(
  parts: ForwardParts,
  batch: Batch,
  context: Context,
  routes: readonly Route[],
): Readonly<Record<string, HeadOutput>> {
  const { tree } = parts;
  const views = routes.filter(({ name }) => tree.heads[name].view);
  const asked = routes.flatMap((route) => {
    if (!views.includes(route)) return [route];
    const feeding = tree.inputs[route.name];
    return feeding === 'fused' ? [] : [{ name: feeding, rows: route.rows }];
  });
  const made: Record<string, HeadOutput> = asked.length > 0 ? { ...headsOf(parts, batch, context, asked) } : {};
  for (const route of views) {
    const { name, rows } = route;
    const target = selectTarget(batch.targets[name], rows);
    const parent = tree.parentOutput(route, made);
    const view = headView(tree.named(name), selectBatch(batch, rows), { target, parent }, context);
    const fused = fuse(parts, view, context);
    const output = headOutput(tree.named(name), { fused, parent: undefined }, context, target);
    made[name] = { rows, output };
  }
  return made;
}
