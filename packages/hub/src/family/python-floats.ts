/**
 * Writes JSON as {@link JSON.stringify} does, except that numbers which are `1.0` in an earlier text, and are still the same,
 * stay so, and that options which have to be floats in Python are. To JavaScript `1.0` and `1` are one number, but Python's
 * transformers refuses an integer for some options.
 *
 * @param value    what is to be written
 * @param original the JSON that it was read from; undefined if there is none
 * @param part     the option that it was in that JSON; by default it was the whole
 */
export function stringifyWithFloats(value: unknown, original: string | undefined, part?: string): string {
  const before = original === undefined ? undefined : JSON.parse(marked(original));
  const spelt = respelt(value, part === undefined ? before : before?.[part]);
  return JSON.stringify(spelt, null, 2).replaceAll(marks, '$1');
}

/** Options that configuration classes of transformers declare as `float` alone. */
const floatOptions: readonly string[] = [
  ...['initializer_range', 'initializer_factor', 'layer_norm_eps', 'layer_norm_epsilon', 'rms_norm_eps'],
  ...['layerscale_value', 'logit_scale_init_value', 'contrastive_logits_temperature', 'diversity_loss_weight'],
];

/** A number with a whole value that is not spelt as an integer, or a string, which may hold what looks like one. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Cannot stand in a config, since control characters are escaped in JSON. */
const mark = '\u0001float:';
const marks = /"\\u0001float:([^"]*)"/g;

/** The JSON with such numbers as strings that keep their spelling. */
function marked(json: string): string {
  return json.replaceAll(tokens, (token) =>
    /^-?\d/.test(token) && /[.eE]/.test(token) && Number.isInteger(Number(token))
      ? JSON.stringify(mark + token)
      : token,
  );
}

/** The value, with marks for the numbers in it that have one in the original. */
function respelt(value: unknown, original: unknown): unknown {
  if (typeof value === 'number') {
    const isSame =
      typeof original === 'string' && original.startsWith(mark) && Number(original.slice(mark.length)) === value;
    return isSame ? original : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const before = (typeof original === 'object' && original !== null ? original : {}) as Readonly<
    Record<string, unknown>
  >;
  if (Array.isArray(value)) return value.map((item, index) => respelt(item, before[index]));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const spelt = respelt(item, before[key]);
      const mustBeFloat = Number.isInteger(spelt) && floatOptions.includes(key);
      return [key, mustBeFloat ? `${mark}${item.toFixed(1)}` : spelt];
    }),
  );
}
