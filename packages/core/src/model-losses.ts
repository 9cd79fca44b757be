import * as tf from '@tensorflow/tfjs-core';
import { type Batch, type HostBatch, uploadTargets } from './batch';
import type { Context } from './context';
import { learningPass } from './forward-pass';
import type { HeadTree, Route } from './head-tree';
import type { LossCounts, Losses, LossTerm, SummedTerm, TermCount } from './loss';
import { headLoss, lossSum } from './part/run-head';
import type { ForwardParts } from './predict/model-programs';
import { presentRows, selectPresent } from './present-rows';
import { selectTarget } from './select-rows';

/** See `Model.losses`. */
export function lossesOf(
  parts: ForwardParts,
  batch: Batch,
  context: Context,
  heads: readonly string[] | undefined,
): Losses {
  const learning = learningHeads(parts.tree, batch, heads);
  if (learning.length === 0) return {};
  const routes = learning.map(({ route }) => route);
  const made = learningPass(parts, batch, context, routes);
  const partners = batch.mixture && termsOf(parts.tree, { ...batch, targets: batch.mixture.targets }, routes);
  const sumOf = (head: string, [term, own]: NamedTerm) =>
    lossSum(parts.tree.named(head), term, own, made[head].output, context);
  const summed = (head: string, place: number, [term, own]: NamedTerm): [string, SummedTerm] => {
    const sum = sumOf(head, [term, own]);
    const other = partners?.[place].terms.find(([name]) => name === term);
    const mixed = other ? mixedSum(sum, sumOf(head, other), batch.mixture!.share) : sum;
    return [term, { sum: mixed, ...countOf(own) }];
  };
  return Object.fromEntries(
    learning.map(({ route: { name }, terms }, place) => [
      name,
      Object.fromEntries(terms.map((term) => summed(name, place, term))),
    ]),
  );
}

function mixedSum(own: tf.Scalar, ofPartners: tf.Scalar, share: tf.Scalar): tf.Scalar {
  return tf.add(ofPartners, tf.mul(share, tf.sub(own, ofPartners)));
}

/** See `Model.lossCounts`. */
export function lossCountsOf(
  { tree }: ForwardParts,
  { size, modalities, targets: host }: HostBatch,
  heads: readonly string[] | undefined,
): LossCounts {
  return tf.tidy(() => {
    const learning = learningHeads(tree, { size, modalities, targets: uploadTargets(host) }, heads);
    return Object.fromEntries(
      learning.map(({ route, terms }) => [
        route.name,
        Object.fromEntries(terms.map(([term, own]) => [term, countOf(own)])),
      ]),
    );
  });
}

function countOf({ count, weight = 1 }: LossTerm): TermCount {
  return { count, weight };
}

type NamedTerm = [name: string, term: LossTerm];

/** What a head's loss is known from before a forward pass. */
type Known = Pick<Batch, 'targets'> & Parameters<typeof presentRows>[0];

/** The heads, of those that are to learn, that can run on rows of a batch and have terms that count something there. */
function learningHeads(tree: HeadTree, batch: Known, heads: readonly string[] | undefined): RouteTerms[] {
  const routes = tree.routes(presentRows(batch)).filter(({ name }) => heads?.includes(name) ?? true);
  return termsOf(tree, batch, routes).filter(({ terms }) => terms.length > 0);
}

/** What a head is to learn. */
interface RouteTerms {
  readonly route: Route;
  readonly terms: NamedTerm[];
}

function termsOf(tree: HeadTree, batch: Known, routes: readonly Route[]): RouteTerms[] {
  const present = presentRows(batch);
  return routes.map((route) => {
    const target = selectTarget(batch.targets[route.name], route.rows);
    const terms = Object.entries(headLoss(tree.named(route.name), target, selectPresent(present, route.rows)));
    return { route, terms };
  });
}
