import { ConfigError, UnknownNameError } from '@polymodal/core';
import { describe, expect, it } from 'vitest';
import { methodsFromScratch } from './methods';
import { readOptions } from './options';

describe('readOptions', () => {
  it('compares by default all that there are folders for', () => {
    expect(readOptions([])!.methods).toEqual(methodsFromScratch);
    expect(readOptions(['--language-model', 'm'])!.methods).toEqual([
      ...methodsFromScratch,
      'hybrid',
      'hybrid-lora',
      'flamingo',
    ]);
    expect(readOptions(['--text-tower', 't'])!.methods).toEqual([...methodsFromScratch, 'text-tower']);
  });

  it('takes 0 test questions for all', () => {
    expect(readOptions([])!.testQuestions).toBe(1000);
    expect(readOptions(['--test-questions', '0'])!.testQuestions).toBeUndefined();
  });

  it.each([
    ['--methods hybrid', '--language-model'],
    ['--methods film,text-tower', '--text-tower'],
    ['--methods filn', '--methods'],
    ['--steps 0', '--steps'],
  ])('refuses %s and says why', (line, message) => {
    expect(() => readOptions(line.split(' '))).toThrow(ConfigError);
    expect(() => readOptions(line.split(' '))).toThrow(message);
  });

  it('refuses what it does not know', () => {
    expect(() => readOptions(['--model', 'm'])).toThrow(UnknownNameError);
  });
});
