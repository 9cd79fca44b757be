import type { RandomKey } from '@polymodal/core';
import { uniformIn } from './uniform-in.js';
import type { Vector } from './vector.js';

/** The gestures, in the order of their labels. */
export const gestures = ['circle', 'shake', 'tap', 'tilt'] as const;

export type Gesture = (typeof gestures)[number];

/** How a held device moves in the room, as functions of the time in seconds. x is right, y ahead, z up. */
export interface Motion {
  readonly seconds: number;
  /** Metres. */
  position(time: number): Vector;
  /** What the device turns about, of length 1. */
  readonly axis: Vector;
  /** Radians about the axis. */
  angle(time: number): number;
}

/** One way to make a gesture, drawn with the key: its size, speed, sense and length differ from time to time. */
export function drawMotion(gesture: Gesture, key: RandomKey): Motion {
  const seconds = uniformIn(key.fold('seconds'), 1.2, 2.4);
  const vigour = Math.exp(uniformIn(key.fold('vigour'), Math.log(0.2), 0)); // from hardly noticeable to full
  return makers[gesture](key.fold(gesture), seconds, vigour);
}

const makers: Record<Gesture, (key: RandomKey, seconds: number, vigour: number) => Motion> = {
  circle,
  shake,
  tap,
  tilt,
};

/** Round and round in an upright plane, the wrist following a little. */
function circle(key: RandomKey, seconds: number, vigour: number): Motion {
  const radius = vigour * uniformIn(key.fold('radius'), 0.08, 0.16);
  const sense = key.fold('sense').uniform(1)[0] < 0.5 ? -1 : 1;
  const speed = sense * 2 * Math.PI * uniformIn(key.fold('turns'), 0.8, 1.5); // rad/s
  const start = uniformIn(key.fold('start'), 0, 2 * Math.PI);
  const swing = vigour * uniformIn(key.fold('swing'), 0.1, 0.3);
  return {
    seconds,
    position(time) {
      const [x, z] = [Math.cos(start + speed * time), Math.sin(start + speed * time)];
      return [radius * x, 0, radius * z];
    },
    axis: [0, 1, 0],
    angle: (time) => swing * Math.sin(start + speed * time),
  };
}

/** To and fro, fast. */
function shake(key: RandomKey, seconds: number, vigour: number): Motion {
  const reach = vigour * uniformIn(key.fold('reach'), 0.015, 0.04);
  const speed = 2 * Math.PI * uniformIn(key.fold('frequency'), 3, 5); // rad/s
  const swing = vigour * uniformIn(key.fold('swing'), 0.05, 0.15);
  return {
    seconds,
    position: (time) => [reach * Math.sin(speed * time), 0, 0],
    axis: [0, 0, 1],
    angle: (time) => swing * Math.sin(speed * time),
  };
}

/** A device that is held still and knocked on, once to three times. */
function tap(key: RandomKey, seconds: number, vigour: number): Motion {
  const depth = vigour * uniformIn(key.fold('depth'), 0.002, 0.005);
  const width = uniformIn(key.fold('width'), 0.015, 0.025); // seconds
  const count = key.fold('count').integer(1, 4);
  const first = uniformIn(key.fold('first'), 0.15, 0.4);
  const times = Array.from({ length: count }, (_, index) => first + 0.28 * index);
  return {
    seconds,
    position(time) {
      const pushed = times.reduce((sum, knock) => sum + Math.exp(-(((time - knock) / width) ** 2) / 2), 0);
      return [0, 0, -depth * pushed];
    },
    axis: [1, 0, 0],
    angle: () => 0,
  };
}

/** Turned to one side and back, in place. */
function tilt(key: RandomKey, seconds: number, vigour: number): Motion {
  const sense = key.fold('sense').uniform(1)[0] < 0.5 ? -1 : 1;
  const most = sense * vigour * uniformIn(key.fold('most'), 0.5, 1.2);
  return {
    seconds,
    position: () => [0, 0, 0],
    axis: [0, 1, 0],
    angle: (time) => most * Math.sin((Math.PI * time) / seconds) ** 2,
  };
}
