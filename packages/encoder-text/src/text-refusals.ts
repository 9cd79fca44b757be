import { ConfigError, type DocumentPlace, describeValue, SampleError } from '@polymodal/core';
import type { WrittenDocument } from './written-document';

/** No slot takes more values. */
export const mostWindows = 1024;

const countedLengths = 64;

/** A document that loses a place. How long it is is counted as far as a text may be that is only long. */
export function tooLong(document: WrittenDocument, { slot, where }: DocumentPlace, maxLength: number): SampleError {
  const { ids, truncated } = document.encode(countedLengths * maxLength);
  return new SampleError({
    where,
    expected: `a document of at most ${maxLength} tokens, a placeholder for each value among them`,
    received: `${truncated ? 'more than ' : ''}${ids.length}, so that this place of "${slot}" would be cut off`,
    hint: 'Shorten it, raise maxLength, or have values dropped with their places: longDocuments: "cut".',
  });
}

/** A conversation that loses its end. */
export function tooLongChat(document: WrittenDocument, maxLength: number): SampleError {
  const { ids, truncated } = document.encode(countedLengths * maxLength);
  return new SampleError({
    expected: `a conversation of at most ${maxLength} tokens, what its template writes among them`,
    received: `one of ${truncated ? 'more than ' : ''}${ids.length}`,
    hint: 'Shorten it, raise maxLength, or have its end cut off: longDocuments: "cut".',
  });
}

/** Of windows of so many tokens. */
export function tooManyWindows(text: string, maxLength: number): SampleError {
  return new SampleError({
    expected: `a text of at most ${mostWindows} windows of ${maxLength} tokens`,
    received: describeValue(text),
    hint: 'Shorten it, or raise maxLength.',
  });
}

/** Where places of tokens are asked of a tokenizer that tells none. */
export function withoutPlaces(where: string): ConfigError {
  return new ConfigError({
    where,
    expected: 'a tokenizer that tells where its tokens stand: that of bytes, or of a tokenizer.json',
    received: 'one that puts something before texts, or fills them up',
    hint: 'A prompt of the folder is left out by { prompt: false }.',
  });
}

/** Of windows, where a slot takes one value. */
export function withoutSeveral(stride: number | undefined): ConfigError {
  return new ConfigError({
    where: 'stride',
    expected: 'a slot with several, whose values windows are',
    received: `${stride} in one that takes a single value`,
    hint: 'Say `several: { most: 16, ordered: false }` too.',
  });
}

/** Of a conversation. */
export function withoutTemplate(): SampleError {
  return new SampleError({
    expected: 'a text or a document, since the slot has no chat template',
    received: 'a conversation',
    hint: "Say how it is written: { chatTemplate: '{% for message in messages %}…{% endfor %}' }; instruction models have a template in their folders.",
  });
}
