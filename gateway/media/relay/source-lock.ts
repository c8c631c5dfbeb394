/**
 * Where a plain RTP peer sends from (symmetric RTP, RFC 4961). Behind NAT that is not what its SDP says,
 * so it is learned:
 *
 *     expected ──packet from the SDP's own address──▶ locked
 *        └──────packet from elsewhere──▶ tried ──learning time over──▶ locked
 *                                          └──packet from the SDP's address──▶ locked (to that)
 *
 * Once locked, everybody else is a stranger.
 */
export class SourceLock {
  /** Where to send: the SDP's address until a source was learned. */
  address = '';
  port = 0;
  #expectedAddress = '';
  #state: 'expected' | 'tried' | 'locked' = 'expected';
  #triedSince = 0;
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
    this.address = address;
    this.port = port;
    this.#state = 'expected';
  }

  /** Whether a packet from there is the peer's; learns from it. `now` is Clock.monotonic. */
  accept(address: string, port: number, now: number): boolean {
    if (this.#state === 'locked') return port === this.port && address === this.address;
    if (address === this.#expectedAddress) {
      this.#learn(address, port);
      this.#state = 'locked';
      return true;
    }
    if (this.#state === 'expected') {
      this.#learn(address, port);
      this.#state = 'tried';
      this.#triedSince = now;
      return true;
    }
    if (now - this.#triedSince >= this.#learnMs) this.#state = 'locked';
    return port === this.port && address === this.address;
  }

  #expectedKey = '';

  #learn(address: string, port: number): void {
    this.address = address;
    this.port = port;
  }
}
