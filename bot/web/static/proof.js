// The work that goes with a signature: begun in a worker while its visitor reads the petition.

const WORKER = new URL("proof_worker.js", import.meta.url).href;
const SOON_OVER = 60_000; // not worth a press any more
// The only script that this page starts by its address; nothing else can be made of the policy.
const policy = window.trustedTypes?.createPolicy("proof", { createScriptURL: () => WORKER });

const idle = window.requestIdleCallback ?? ((then) => setTimeout(then, 200));

export class Proof {
  constructor() {
    this.key = "";
    this.stop();
  }

  stop() {
    this.worker?.terminate();
    this.worker = null;
    this.found = null; // a promise of the proof, "" where there will be none
    this.good = 0; // until when
  }

  // Begin to work for this visitor, unless that is done or under way.
  prepare(key) {
    if (key === this.key && this.found && Date.now() < this.good) return;
    this.stop();
    this.key = key;
    this.good = Date.now() + 2 * SOON_OVER;
    const mine = new Promise((done) => idle(() => this.work(key, done), { timeout: 1000 }));
    this.found = mine.catch(() => "");
  }

  async work(key, done) {
    try {
      const answer = await fetch("chat/proof", {
        method: "POST",
        headers: { Authorization: `Bearer ${key}` },
        credentials: "omit",
        signal: AbortSignal.timeout(10_000),
      });
      if (!answer.ok || key !== this.key) return this.fail(done);
      const { challenge, work, seconds } = await answer.json();
      this.good = Date.now() + seconds * 1000 - SOON_OVER;
      this.worker = new Worker(policy ? policy.createScriptURL("") : WORKER);
      this.worker.onmessage = ({ data }) => {
        this.worker?.terminate();
        this.worker = null;
        done(data);
      };
      this.worker.onerror = () => this.fail(done);
      this.worker.postMessage({ challenge, work });
    } catch {
      this.fail(done);
    }
    return undefined;
  }

  // Without a proof a signature is received all the same; the next screen tries again.
  fail(done) {
    done("");
    this.stop();
  }

  // The proof, once: "" where there is none within so many milliseconds.
  async take(key, within) {
    this.prepare(key);
    const late = new Promise((done) => setTimeout(() => done(""), within));
    const proof = await Promise.race([this.found, late]);
    this.stop();
    return proof;
  }
}
