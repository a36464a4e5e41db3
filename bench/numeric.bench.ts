import { hash4, stream } from '../src/numeric/random.ts';
import { bench } from './harness.ts';

const size = ({ smoke }: { smoke: boolean }): number => (smoke ? 1e4 : 1e7);

bench({
  name: 'random stream',
  group: 'numeric',
  setup: size,
  run: (draws) => {
    const random = stream(1, 'bench');
    let sum = 0;
    for (let i = 0; i < draws; i++) sum += random.uniform();
    return sum;
  },
  work: (draws) => [draws, 'draws'],
  peer: {
    label: 'Math.random',
    run: (draws) => {
      let sum = 0;
      for (let i = 0; i < draws; i++) sum += Math.random();
      return sum;
    },
  },
  note: 'the peer is neither seeded nor the same on every machine',
});

bench({
  name: 'ECMP hash',
  group: 'numeric',
  setup: size,
  run: (flows) => {
    let sum = 0;
    for (let i = 0; i < flows; i++) sum = (sum + hash4(1, i, i >>> 7, 3)) | 0;
    return sum;
  },
  work: (flows) => [flows, 'flows'],
});
