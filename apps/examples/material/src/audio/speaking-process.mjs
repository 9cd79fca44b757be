// Speaks as many voices as it is asked to and ends: started by synthesise.ts with an IPC channel.
//
// A process of its own, because the synthesiser is GPL-licensed and keeps state from one sentence to the next: the same
// lists, spoken by a fresh process, give the same samples.
import createEspeak from '@echogarden/espeak-ng-emscripten';

Date.now = () => 0; // eSpeak NG seeds the breath of some voices from the clock

process.on('SIGINT', () => {}); // Ctrl-C is for the parent, which ends this process

process.once('message', async ({ voices, sentences }) => {
  const espeak = await createEspeak();
  const worker = new espeak.eSpeakNGWorker();
  for (const [position, voice] of voices.entries()) {
    worker.set_voice(voice.name);
    worker.set_pitch(voice.pitch);
    worker.set_range(voice.range);
    worker.set_rate(voice.rate);
    for (const [sentence, text] of sentences.entries()) {
      await send({ position, sentence, rate: worker.samplerate, samples: speak(worker, text) });
    }
  }
  process.disconnect();
});

/** Resolves when the message is on its way, which a process must wait for before it ends. */
function send(message) {
  return new Promise((resolve, reject) => process.send(message, (error) => (error ? reject(error) : resolve())));
}

/** @returns {Int16Array} */
function speak(worker, text) {
  const parts = [];
  worker.synthesize(text, (part) => {
    if (part) parts.push(part);
    return false; // goes on
  });
  const samples = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return samples;
}
