import type { CostedRoute, Routing } from '@polymodal/core';
import { textTable } from '../command/text-table';

/** Which heads answer which samples, and at what cost, as a table. */
export function routingLines(table: readonly Routing[]): string {
  const heads = Object.keys(table[0].heads);
  const rows = table.map(({ modalities, heads: routes }) => [
    modalities.join(' + '),
    ...heads.map((head) => cell(routes[head], head, modalities)),
  ]);
  return textTable([['samples with', ...heads], ...rows]);
}

/** What the numbers of the table are. */
export function routingLegend(table: readonly Routing[]): string {
  const counted = table.some(({ heads }) =>
    Object.values(heads).some(({ multiplyAdds }) => multiplyAdds !== undefined),
  );
  return counted
    ? 'Which heads answer, by the multiply-adds of all that runs for one sample; – where a head does not answer.'
    : 'Which heads answer; – where one does not.';
}

/** What runs beyond the head itself and the encoders of all that the sample has is said: heads that feed it, or the few encoders that it needs. */
function cell(
  { answers, heads, encoders, multiplyAdds }: CostedRoute,
  head: string,
  modalities: readonly string[],
): string {
  if (!answers) return '–';
  const feeding = heads.filter((own) => own !== head);
  return [
    multiplyAdds === undefined ? 'answers' : multiplyAdds.toLocaleString('en'),
    feeding.length > 0 && `after ${feeding.join(', ')}`,
    encoders.length < modalities.length && `by ${encoders.join(', ')} alone`,
  ]
    .filter(Boolean)
    .join(', ');
}
