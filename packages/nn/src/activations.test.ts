import { Module } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { type ActivationName, activation, activationNames } from './activations';
import { describeParity } from './testing/parity';

class ActivationOnly extends Module {
  constructor(readonly name: ActivationName) {
    super();
  }
}

describeParity<{ name: ActivationName }, ActivationOnly>('activations', {
  create: ({ name }) => new ActivationOnly(name),
  forward: ({ name }, { x }) => activation(name)(x),
});

describe('activation', () => {
  it('suggests the nearest name', () => {
    expect(() => activation('gleu' as ActivationName)).toThrow(/received "gleu".*"gelu"/);
  });

  it('does not take a property of every object for a name', () => {
    expect(() => activation('toString' as ActivationName)).toThrow('the name of an activation');
  });

  it.each(activationNames)('knows %s', (name) => {
    expect(activation(name)).toBeTypeOf('function');
  });
});
