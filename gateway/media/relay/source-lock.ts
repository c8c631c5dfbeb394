import { sequenceDistance } from '../rtp/rtp-packet.js';

/** What a packet says of its source. `now` is Clock.monotonic; `authentic`: SRTP vouches for it. Reused from packet to packet. */
export interface Sighting {
  ssrc: number;
  sequence: number;
  now: number;
  authentic: boolean;
}

/** How long the locked source must have been silent before another may take over, ms. */
const SILENCE_MS = 1000;
/** Packets in sequence that the new source has to send first. */
const CONSISTENT_PACKETS = 3;
const MAX_SEQUENCE_STEP = 3;

/**
 * Where a plain RTP peer sends from (symmetric RTP, RFC 4961). Behind NAT that is not what its SDP says,
 * so it is learned:
 *
 *     expected ──packet from the SDP's own address──▶ locked
 *        └──────packet from elsewhere──▶ tried ──learning time over──▶ locked
 *                                          └──packet from the SDP's address──▶ locked (to that)
 *
 * A new SDP begins this anew. Packets of the former source that are still on their way are heard, but teach nothing, unless it goes
 * on for the learning time without anybody else: a peer behind NAT whose SDP changed while its mapping did not.
 *
 * Once locked, everybody else is a stranger, until a new SDP; but for the peer itself behind a NAT that gave it another mapping, or an
 * SBC that moved the stream. It is told by what a stranger cannot know or have: the SSRC, or the address; and only after the old source
 * fell silent. What SRTP vouches for is the peer, wherever it comes from.
 */
export class SourceLock {
  /** Where to send: the SDP's address until a source was learned. */
  address = '';
  port = 0;
  #expectedAddress = '';
  #expectedKey = '';
  #state: 'expected' | 'tried' | 'locked' = 'expected';
  #triedSince = 0;
  /** The source before the last SDP, and since when it is heard after it. */
  readonly #former = { address: '', port: 0, since: NaN };
  /** Of the locked source. */
  #ssrc = 0;
  #heardAt = 0;
  readonly #successor = { address: '', port: 0, ssrc: 0, sequence: 0, packets: 0 };
  readonly #learnMs: number;

  /** @param learnMs how long the SDP's own address may still take over from the first source */
  constructor(learnMs = 1000) {
    this.#learnMs = learnMs;
  }

  get locked(): boolean {
    return this.#state === 'locked';
  }

  /** An SDP named the peer. The same address as before keeps what was learned. */
  expect(address: string, port: number): void {
    const key = `${address}:${port}`;
    if (key === this.#expectedKey) return;
    this.#expectedKey = key;
    this.#expectedAddress = address;
    this.#leaveSource();
    this.address = address;
    this.port = port;
    this.#state = 'expected';
  }

  /** Whether a packet from there is the peer's; learns from it. */
  accept(address: string, port: number, sighting: Readonly<Sighting>): boolean {
    const accepted = this.#judge(address, port, sighting);
    if (accepted) {
      this.#ssrc = sighting.ssrc;
      this.#heardAt = sighting.now;
    }
    return accepted;
  }

  #judge(address: string, port: number, sighting: Readonly<Sighting>): boolean {
    if (this.#state === 'locked') {
      if (port === this.port && address === this.address) return true;
      return this.#takesOver(address, port, sighting);
    }
    if (this.#isFormer(address, port, sighting.now)) return true;
    if (address === this.#expectedAddress) {
      this.#learn(address, port);
      this.#state = 'locked';
      return true;
    }
    if (this.#state === 'expected') {
      this.#learn(address, port);
      this.#state = 'tried';
      this.#triedSince = sighting.now;
      return true;
    }
    if (sighting.now - this.#triedSince >= this.#learnMs) this.#state = 'locked';
    return port === this.port && address === this.address;
  }

  #leaveSource(): void {
    const learned = this.#state !== 'expected';
    this.#former.address = learned ? this.address : '';
    this.#former.port = learned ? this.port : 0;
    this.#former.since = NaN;
  }

  #isFormer(address: string, port: number, now: number): boolean {
    const former = this.#former;
    if (this.#state !== 'expected' || address !== former.address || port !== former.port)
      return false;
    if (Number.isNaN(former.since)) former.since = now;
    return now - former.since < this.#learnMs;
  }

  #takesOver(address: string, port: number, sighting: Readonly<Sighting>): boolean {
    const { ssrc, sequence, now, authentic } = sighting;
    if (!authentic) {
      const known = address === this.address || ssrc === this.#ssrc;
      if (!known || now - this.#heardAt < SILENCE_MS) return false;
      const next = this.#successor;
      const step = sequenceDistance(sequence, next.sequence);
      const same = next.address === address && next.port === port && next.ssrc === ssrc;
      const goesOn = same && step > 0 && step <= MAX_SEQUENCE_STEP;
      next.packets = goesOn ? next.packets + 1 : 1;
      next.address = address;
      next.port = port;
      next.ssrc = ssrc;
      next.sequence = sequence;
      if (next.packets < CONSISTENT_PACKETS) return false;
      next.packets = 0;
    }
    this.#learn(address, port);
    return true;
  }

  #learn(address: string, port: number): void {
    this.address = address;
    this.port = port;
  }
}
