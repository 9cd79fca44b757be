import { z } from 'zod';
import { costOf } from '../cost/cost-of';
import { ConfigError, SampleError } from '../errors';
import type { Model } from '../model';
import { requireModule } from '../module';
import { parseConfig } from '../parse-config';
import { isRecord } from '../require-argument';
import type { Sample } from '../sample';
import type { HeadRoute } from './head-route';
import { modalitySubsets } from './modality-subsets';

/** What a model does with samples that have some of its modalities, and no others. */
export interface Routing {
  /** In the model's order. */
  readonly modalities: readonly string[];
  /** For each head whether it answers, and what runs for it. */
  readonly heads: Readonly<Record<string, CostedRoute>>;
}

/** What runs for a head, and what that costs. */
export interface CostedRoute extends HeadRoute {
  /** Of all that runs for one sample, as `costOf` counts them, where a sample was given. A head that writes is counted for the pass that it begins with. */
  readonly multiplyAdds?: number;
}

/** What a {@link routingTable} is to tell beside who answers. */
export interface RoutingTableOptions {
  /** A sample with every modality: with it the table says what an answer costs, to it and to each part of it. */
  readonly sample?: Sample | undefined;
}

/** Of more there are too many subsets to be read, and to be computed once each. */
const mostModalities = 10;

/**
 * Which heads answer samples with each of the 2^M − 1 subsets of a model's modalities, what runs for that and, of a sample, what it costs.
 *
 * ```ts
 * for (const { modalities, heads } of await routingTable(model, { sample })) {
 *   console.log(modalities.join(' + '), heads.ripe?.answers, heads.ripe?.multiplyAdds);
 * }
 * ```
 *
 * @returns smaller subsets first
 * @throws ConfigError for a model with more than 10 modalities: ask `model.routeOf` of the combinations that there are
 * @throws SampleError for a sample that the model cannot read, or that lacks a modality
 */
export async function routingTable(model: Model, options: RoutingTableOptions = {}): Promise<Routing[]> {
  requireModule(model, 'routingTable');
  const { sample } = parseConfig(optionsSchema, options, 'routingTable') as RoutingTableOptions;
  if (model.modalities.length > mostModalities) throw tooMany(model);
  if (sample) requireWhole(model, sample);
  const table: Routing[] = [];
  for (const modalities of modalitySubsets(model.modalities)) {
    const heads: Record<string, CostedRoute> = {};
    for (const name of Object.keys(model.heads)) {
      const route = model.routeOf(name, modalities);
      heads[name] =
        route.answers && sample ? { ...route, ...(await costOfHead(model, sample, modalities, name)) } : route;
    }
    table.push({ modalities, heads });
  }
  return table;
}

const optionsSchema = z.strictObject({ sample: z.custom<Sample>(isRecord, 'a sample').optional() });

async function costOfHead(model: Model, sample: Sample, modalities: readonly string[], name: string) {
  const part = Object.fromEntries(modalities.map((slot) => [slot, sample[slot]]));
  const { multiplyAdds } = await costOf(model, [part], { heads: [name] });
  return { multiplyAdds };
}

function requireWhole(model: Model, sample: Sample): void {
  const missing = model.modalities.filter((slot) => sample[slot] === undefined || sample[slot] === null);
  if (missing.length === 0) return;
  throw new SampleError({
    where: 'routingTable, sample',
    expected: `a value for each of ${model.modalities.join(', ')}, so that every subset of them can be counted`,
    received: `none for ${missing.join(', ')}`,
  });
}

function tooMany({ modalities }: Model): ConfigError {
  return new ConfigError({
    where: 'routingTable',
    expected: `a model with at most ${mostModalities} modalities, which have ${2 ** mostModalities - 1} subsets`,
    received: `one with ${modalities.length}`,
    hint: 'Ask model.routeOf(head, modalities) of the combinations that your samples have.',
  });
}
