import { describe, expect, it } from 'vitest';
import { stringifyWithFloats } from './python-floats';

describe('stringifyWithFloats', () => {
  it('keeps the spelling of floats with a whole value', () => {
    const original = `{
  "factor": 1.0,
  "negative": -2.50e1,
  "count": 1,
  "rate": 0.5,
  "text": "1.0, \\"2.0\\"",
  "nested": {
    "list": [
      0.0,
      3,
      1e3
    ]
  }
}`;
    expect(stringifyWithFloats(JSON.parse(original), original)).toBe(original);
  });

  it('writes what has changed, or is new, as JavaScript does', () => {
    const original = '{"changed": 1.0, "removed": 2.0, "replaced": 3.0, "moved": [4.0]}';
    const value = { changed: 5, replaced: 'x', moved: 4, added: 6 };
    expect(JSON.parse(stringifyWithFloats(value, original))).toEqual(value);
    expect(stringifyWithFloats(value, original)).not.toContain('.0');
    expect(stringifyWithFloats({ a: 1 }, undefined)).toBe('{\n  "a": 1\n}');
  });

  it('writes options that Python takes as floats alone as floats', () => {
    const config = {
      layerscale_value: 1,
      layer_norm_eps: 0.5,
      hidden_size: 1,
      vision_config: { initializer_factor: 2 },
    };
    const json =
      '{"layerscale_value":1.0,"layer_norm_eps":0.5,"hidden_size":1,"vision_config":{"initializer_factor":2.0}}';
    expect(stringifyWithFloats(config, undefined).replaceAll(/\s/g, '')).toBe(json);
  });
});
