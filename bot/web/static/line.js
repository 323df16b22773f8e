// The line to the server: turns go up one after the other, each until it is recorded; what comes is
// read from a stream that is opened again behind the last number seen, whatever cuts it.

import * as keeping from "./keeping.js";

const PAUSES = [0.5, 1, 2, 4, 8];
const SILENCE = 40_000; // the server shows a sign of life every 15 s
const HIDDEN = 20_000; // a page that nobody looks at lets its stream go (six to a host)
const TROUBLE_AFTER = 2_500; // a short break is not worth a word

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const pause = (tries) => PAUSES[Math.min(tries, PAUSES.length - 1)] * (0.75 + Math.random() / 2);

export class Line {
  // told: {turns(list, first), busy(), forgotten(), trouble(isThere), slow(seconds), refused(turn)}
  constructor(told) {
    this.told = told;
    this.last = 0;
    this.key = "";
    this.sending = false;
    this.reading = null;
    this.resting = new Set();
    this.troubled = null;
    this.hiding = null;
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("pageshow", (event) => event.persisted && this.hurry());
  }

  // Begin with a key: send what waits, read what comes.
  open(key) {
    this.key = key;
    this.last = 0;
    this.look();
    this.send();
  }

  close() {
    this.key = "";
    this.hangUp();
    this.well();
  }

  post(turn) {
    keeping.keepTurn(turn);
    this.send();
  }

  look() {
    clearTimeout(this.hiding);
    // Without a trace nothing waits to be read: each answer comes with its turn.
    if (!this.key || keeping.untraced) return;
    if (document.visibilityState === "visible") {
      if (!this.reading) this.read();
      this.hurry();
    } else {
      this.hiding = setTimeout(() => this.hangUp(), HIDDEN);
    }
  }

  hangUp() {
    this.reading?.abort();
    this.reading = null;
  }

  hurry() {
    for (const wake of this.resting) wake();
    if (this.key) this.send();
  }

  trouble() {
    this.troubled ??= setTimeout(() => this.told.trouble(true), TROUBLE_AFTER);
  }

  well() {
    if (this.troubled === null) return;
    clearTimeout(this.troubled);
    this.troubled = null;
    this.told.trouble(false);
  }

  async restUp(tries) {
    let wake;
    const woken = new Promise((done) => (wake = done));
    this.resting.add(wake);
    await Promise.race([wait(pause(tries)), woken]);
    this.resting.delete(wake);
  }

  headers() {
    return { Authorization: `Bearer ${this.key}`, ...(keeping.untraced && { Trace: "none" }) };
  }

  async send() {
    if (this.sending) return;
    this.sending = true;
    let tries = 0;
    try {
      for (;;) {
        const turn = keeping.turnsToSend()[0];
        if (!turn || !this.key) return;
        const key = this.key;
        const seconds = await this.offer(turn);
        if (key !== this.key) continue;
        if (seconds === null) {
          tries = 0;
        } else if (seconds > 0) {
          if (seconds > 1) this.told.slow(seconds);
          await wait(seconds);
        } else {
          this.trouble();
          await this.restUp(tries++);
        }
      }
    } finally {
      this.sending = false;
    }
  }

  // null: done with it; a number: again after so many seconds; 0: the line is broken.
  async offer(turn) {
    let answer;
    try {
      answer = await fetch("chat/turns", {
        method: "POST",
        headers: { ...this.headers(), "Content-Type": "application/json" },
        body: JSON.stringify(turn),
        credentials: "omit",
        signal: AbortSignal.timeout(35_000),
      });
    } catch {
      return 0;
    }
    if (answer.status === 200) {
      const turns = await answer.json().then((told) => told.turns, () => null);
      if (!turns) return 0;
      keeping.turnSent(turn.id);
      this.well();
      if (turn.kind === "forget" || !turns.length) this.told.forgotten();
      else this.told.turns(turns, null);
      return null;
    }
    if (answer.status === 204) {
      keeping.turnSent(turn.id);
      this.well();
      if (turn.kind === "forget") this.told.forgotten();
      return null;
    }
    if (answer.status === 429) return Number(answer.headers.get("Retry-After")) || 2;
    if ([400, 413, 422].includes(answer.status)) {
      keeping.turnSent(turn.id);
      this.told.refused(turn);
      return null;
    }
    return 0;
  }

  async read() {
    const reading = (this.reading = new AbortController());
    let tries = 0;
    while (this.reading === reading) {
      try {
        const answer = await fetch("chat/stream", {
          headers: { ...this.headers(), ...(this.last && { "Last-Event-ID": `${this.last}` }) },
          cache: "no-store",
          credentials: "omit",
          signal: reading.signal,
        });
        if (answer.status === 429) {
          this.told.crowded?.();
          await wait(Number(answer.headers.get("Retry-After")) || 5);
          continue;
        }
        if (!answer.ok) throw new Error("no stream");
        await this.follow(answer.body.getReader(), reading, () => {
          tries = 0;
          this.well();
        });
      } catch {
        if (this.reading !== reading) return;
      }
      if (this.reading !== reading) return;
      this.trouble();
      await this.restUp(tries++);
    }
  }

  async follow(reader, reading, alive) {
    const decoder = new TextDecoder();
    let rest = "";
    let watch = 0;
    const listen = () => {
      clearTimeout(watch);
      watch = setTimeout(() => reader.cancel().catch(() => {}), SILENCE);
    };
    listen();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.reading !== reading) return;
        listen();
        alive();
        const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
        rest = parts.pop();
        for (const part of parts) this.hear(part);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  hear(part) {
    const fields = {};
    for (const line of part.split("\n")) {
      const at = line.indexOf(":");
      if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).trimStart();
    }
    if (!fields.event) return;
    const data = JSON.parse(fields.data ?? "{}");
    if (fields.event === "turns") {
      const first = this.last === 0 || "first" in data;
      this.last = Number(fields.id) || 0;
      this.told.turns(data.turns, first ? (data.first ?? null) : null);
    } else if (fields.event === "busy") {
      this.told.busy();
    } else if (fields.event === "forgotten") {
      this.told.forgotten();
    }
  }

  // Documents of an answer: [{name, type, size, content}], or null where that failed.
  async documents(number) {
    try {
      const answer = await fetch(`chat/documents/${number}`, {
        method: "POST",
        headers: this.headers(),
        credentials: "omit",
        signal: AbortSignal.timeout(60_000),
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }
}
