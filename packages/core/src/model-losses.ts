import * as tf from '@tensorflow/tfjs-core';
import { type Batch, type HostBatch, uploadTargets } from './batch';
import type { Context } from './context';
import { learningPass } from './forward-pass';
import type { HeadTree, Route } from './head-tree';
import type { HeadRows, LossCounts, Losses, LossTerm, SummedTerm, TermCount } from './loss';
import { headLoss, headRows, joinedOutput, lossSum, type NamedHead } from './part/run-head';
import type { ForwardParts } from './predict/model-programs';
import { presentRows, selectPresent } from './present-rows';
import { selectTarget } from './select-rows';

/** See `Model.losses`. */
export function lossesOf(
  parts: ForwardParts,
  batch: Batch,
  context: Context,
  heads: readonly string[] | undefined,
  rowGradients: HeadRows = {},
): Losses {
  const learning = learningHeads(parts.tree, batch, heads, rowGradients);
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
      rowGradients[name]
        ? { rows: { sum: sumByRows(parts.tree.named(name), made[name].output, rowGradients[name]), ...once } }
        : Object.fromEntries(terms.map((term) => summed(name, place, term))),
    ]),
  );
}

/** A term that stands for a loss as a whole. */
const once: TermCount = { count: 1, weight: 1 };

/** Has, by all that the rows were made by, the gradient of the loss that has these gradients by the rows. */
function sumByRows(head: NamedHead, output: unknown, gradients: tf.NamedTensorMap): tf.Scalar {
  const rows = headRows(head, output);
  return tf.addN(Object.entries(gradients).map(([name, own]) => tf.sum(tf.mul(rows[name], own)))) as tf.Scalar;
}

/** See `Model.rowTensors`. */
export function rowTensorsOf(parts: ForwardParts, batch: Batch, context: Context, heads: readonly string[]): HeadRows {
  const routes = parts.tree.routes(presentRows(batch)).filter(({ name }) => heads.includes(name));
  if (routes.length === 0) return {};
  const made = learningPass(parts, batch, context, routes);
  return Object.fromEntries(routes.map(({ name }) => [name, headRows(parts.tree.named(name), made[name].output)]));
}

/** See `Model.lossesOfRows`. */
export function lossesOfRows({ tree }: ForwardParts, rows: HeadRows, known: Batch, context: Context): Losses {
  const learning = learningHeads(tree, known, Object.keys(rows));
  const ofHead = ({ route, terms }: RouteTerms) => {
    const head = tree.named(route.name);
    const output = joinedOutput(head, rows[route.name], selectPresent(presentRows(known), route.rows));
    return Object.fromEntries(
      terms.map(([term, own]) => [term, { sum: lossSum(head, term, own, output, context), ...countOf(own) }]),
    );
  };
  return Object.fromEntries(learning.map((own) => [own.route.name, ofHead(own)]));
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
function learningHeads(
  tree: HeadTree,
  batch: Known,
  heads: readonly string[] | undefined,
  rowGradients: HeadRows = {},
): RouteTerms[] {
  const routes = tree.routes(presentRows(batch)).filter(({ name }) => heads?.includes(name) ?? true);
  return termsOf(tree, batch, routes).filter(({ route: { name }, terms }) =>
    rowGradients[name] ? Object.keys(rowGradients[name]).length > 0 : terms.length > 0,
  );
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
