export { contradict, modalities } from './contradict';
export type { DigitSample, DigitsData, SampleList } from './digit-sample';
export { prepareDigits } from './prepare-digits';
