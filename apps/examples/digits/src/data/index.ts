export { contradict, modalities } from './contradict';
export type { DigitSample, DigitsData, SampleList } from './digit-sample';
export { partlyContradictory } from './partly-contradictory';
export { prepareDigits } from './prepare-digits';
