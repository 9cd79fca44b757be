export { type ContradictorySample, contradict, type DigitModality, modalities } from './contradict';
export { type Degradation, degradation } from './degradation';
export type { DigitSample, DigitSource, DigitsData, SampleList, Split } from './digit-sample';
export type { DigitsOptions } from './digits-options';
export { prepareDigits } from './prepare-digits';
