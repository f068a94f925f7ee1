// Calls that arrive at fixed times; the twin of OpenLoop.java and Histogram.java, and says the same lines.
import { say } from './load.mjs';

const PATIENCE_MS = 60_000;
const STEP = Math.log(1.02);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Times in steps of two per cent. */
class Histogram {
  #counts = new Array(1150).fill(0);
  count = 0;

  add(ms) {
    this.#counts[Math.min(1149, Math.floor(Math.log(Math.max(1, ms * 1000)) / STEP))]++;
    this.count++;
  }

  percentile(which) {
    let left = Math.max(1, Math.ceil(which * this.count));
    const found = this.#counts.findIndex((count) => (left -= count) <= 0);
    return (found < 0 ? 0 : Math.exp((found + 0.5) * STEP) / 1000).toFixed(6);
  }
}

/** `call` resolves when the result is known; rate per second. */
export async function openLoop(call, rate, duration) {
  const all = new Histogram();
  let second = new Histogram();
  let [underWay, failed] = [0, 0];
  const begin = performance.now();

  const one = async (i, due) => {
    underWay++;
    try {
      await call(i);
      const took = performance.now() - due;
      all.add(took);
      second.add(took);
    } catch {
      failed++;
    }
    underWay--;
  };
  const saySecond = () => {
    say(`second ${second.count} ${second.percentile(0.5)} ${second.percentile(0.99)} ${failed} ${underWay}`);
    second = new Histogram();
  };

  for (let [i, said] = [0, 1]; i < rate * duration; ) {
    const now = performance.now();
    for (let due; i < rate * duration && (due = begin + (i * 1000) / rate) <= now; i++) one(i, due);
    if (now - begin >= said * 1000) {
      said++;
      saySecond();
    }
    await pause(1);
  }
  const giveUp = performance.now() + PATIENCE_MS;
  while (underWay > 0 && performance.now() < giveUp) await pause(1);
  saySecond();
  say(`open ${all.count} ${all.percentile(0.5)} ${all.percentile(0.99)} ${all.percentile(1)} ${failed} ${underWay}`);
}
