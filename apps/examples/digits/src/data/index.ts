export { makeNoise } from './audio/noise';
export type { Speech, Utterance } from './audio/utterance';
export { contradict, modalities } from './contradict';
export type { DigitSample, DigitsData, SampleList } from './digit-sample';
export { drawPictures, pictureSize } from './mnist-pictures';
export { partlyContradictory } from './partly-contradictory';
export { prepareDigits } from './prepare-digits';
export { prepareSpeech } from './prepare-speech';
