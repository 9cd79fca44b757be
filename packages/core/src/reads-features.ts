import type { ModalityBatch, TargetBatch } from './batch';
import type { FeaturesOf, Processor } from './processor';

/**
 * What an encoder is that reads no feature which its processor does not make, and each of the rank that it has. (Parameters of methods
 * are not compared so strictly, hence the properties.) Nothing is asked where the processor does not say what it makes.
 */
export type Reads<P extends Processor> = IfKnown<
  P,
  { readonly embed: (batch: ModalityBatch<FeaturesOf<P>>, context: never) => unknown }
>;

/** The same of a head and the processor of its target. */
export type LearnsFrom<P extends Processor> = IfKnown<
  P,
  { readonly loss: (target: TargetBatch<FeaturesOf<P>> | undefined, present: never) => unknown }
>;

type IfKnown<P extends Processor, Asked> = string extends keyof FeaturesOf<P> ? unknown : Asked;
