import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { StateError } from './errors';
import { initialize, Module, setTrainable } from './module';
import { ModuleBuffer } from './module-buffer';
import { type Initializer, Parameter } from './parameter';
import { RandomKey } from './random-key';

const random: Initializer = (shape, key) => key.normal(shape.reduce((product, length) => product * length, 1));

class Layer extends Module {
  readonly weight = new Parameter([2, 2], random);
  readonly bias = new Parameter([2], random);
}

class Tower extends Module {
  readonly first = new Layer();
  readonly layers = [new Layer(), new Layer()];
  readonly byName: Record<string, Layer> = { 'a-b': new Layer() };
  readonly scale = new Parameter([], random);
  readonly again = this.first; // shared: the same module under a second path
  readonly size = 3;
  readonly nothing = null;
  readonly map = new Map([['hidden', new Layer()]]); // neither an array nor a plain record
}

describe('Module', () => {
  it('names parameters by their path through properties, arrays and plain records, in order of declaration', () => {
    expect([...new Tower().parameters().keys()]).toEqual([
      'first.weight',
      'first.bias',
      'layers.0.weight',
      'layers.0.bias',
      'layers.1.weight',
      'layers.1.bias',
      'byName.a-b.weight',
      'byName.a-b.bias',
      'scale',
    ]);
  });

  it('lists modules, itself under the empty path', () => {
    expect([...new Tower().modules().keys()]).toEqual(['', 'first', 'layers.0', 'layers.1', 'byName.a-b']);
  });

  it('lists a shared parameter once, under its first path', () => {
    class Tied extends Module {
      readonly embedding = new Layer();
      readonly output = { weight: this.embedding.weight };
    }
    expect([...new Tied().parameters().keys()]).toEqual(['embedding.weight', 'embedding.bias']);
  });

  it('copes with modules that refer to one another', () => {
    class Node extends Module {
      other: Node | undefined;
      readonly weight = new Parameter([1], random);
    }
    const [a, b] = [new Node(), new Node()];
    a.other = b;
    b.other = a;
    expect([...a.parameters().keys()].sort()).toEqual(['other.weight', 'weight']);
  });

  it('initialises each parameter from its path alone, so that a module added elsewhere changes nothing', async () => {
    class Wider extends Tower {
      readonly extra = new Layer();
    }
    const [tower, wider] = [new Tower(), new Wider()];
    initialize(tower, RandomKey.from(0));
    initialize(wider, RandomKey.from(0));
    for (const [path, parameter] of tower.parameters()) {
      expect(await wider.parameters().get(path)!.value.data()).toEqual(await parameter.value.data());
    }
    const layers = [...tower.parameters().values()].map(({ value }) => value.dataSync().join());
    expect(new Set(layers).size).toBe(layers.length);
  });

  it('initialises only parameters that have no value yet', () => {
    const layer = new Layer();
    layer.bias.assignValues(Float32Array.of(7, 8));
    initialize(layer, RandomKey.from(0));
    expect([...layer.bias.value.dataSync()]).toEqual([7, 8]);
  });

  it('frees every tensor, shared ones once', () => {
    const before = tf.memory().numTensors;
    const tower = new Tower();
    initialize(tower, RandomKey.from(0));
    expect(tf.memory().numTensors).toBe(before + 9);
    tower.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(() => tower.scale.value).toThrow(StateError);
    expect(() => tower.scale.value).toThrow(
      /^dispose: expected a model, or module, that is still in use, received one that was disposed\./,
    );
  });
});

describe('setTrainable', () => {
  it('freezes and thaws the parameters below a path', () => {
    const tower = new Tower();
    const frozen = () => [...tower.parameters()].flatMap(([path, { trainable }]) => (trainable ? [] : [path]));
    setTrainable(tower, ['layers.1', 'scale'], false);
    expect(frozen()).toEqual(['layers.1.weight', 'layers.1.bias', 'scale']);
    setTrainable(tower, ['layers.1.bias'], true);
    expect(frozen()).toEqual(['layers.1.weight', 'scale']);
  });

  it('takes a prefix for a whole part of a path, not for letters', () => {
    class Many extends Module {
      readonly layers = Array.from({ length: 11 }, () => new Layer());
    }
    const many = new Many();
    setTrainable(many, ['layers.1'], false);
    expect(many.layers[1].weight.trainable).toBe(false);
    expect(many.layers[10].weight.trainable).toBe(true);
  });

  it('leaves buffers frozen', () => {
    class Counting extends Module {
      readonly weight = new Parameter([1], random);
      readonly mean = new ModuleBuffer([1], random);
    }
    const counting = new Counting();
    expect([...counting.parameters().keys()]).toEqual(['weight', 'mean']);
    expect(counting.mean.trainable).toBe(false);
    for (const trainable of [false, true]) {
      setTrainable(counting, ['weight', 'mean'], trainable);
      expect([counting.weight.trainable, counting.mean.trainable]).toEqual([trainable, false]);
    }
  });

  it('takes patterns', () => {
    const tower = new Tower();
    setTrainable(tower, ['layers.*.weight', '**.bias'], false);
    expect([...tower.parameters()].flatMap(([path, { trainable }]) => (trainable ? [path] : []))).toEqual([
      'first.weight',
      'byName.a-b.weight',
      'scale',
    ]);
  });

  it('refuses a path that matches nothing, and names those like it and as deep', () => {
    expect(() => setTrainable(new Tower(), ['scale', 'frist'], false)).toThrow(
      'setTrainable, 1: expected the path of a parameter or module, received "frist", which matches none. Did you mean "first"? Known: first, ',
    );
  });

  it('takes a module that owns no parameters beside others, and refuses it alone', () => {
    class Tied extends Module {
      readonly embedding = new Layer();
      readonly heads = { text: new (class Head extends Module {})() };
    }
    const tied = new Tied();
    setTrainable(tied, ['embedding', 'heads'], false);
    expect(tied.embedding.weight.trainable).toBe(false);
    expect(() => setTrainable(tied, ['heads', 'heads.text'], false)).toThrow(
      'setTrainable, 0: expected the path of something that has parameters, received "heads", "heads.text", without any.',
    );
  });
});
