import nodeDataChannel, { type Track } from 'node-datachannel';

export interface ReceivedDigit {
  digit: string;
  /** Longest duration seen, in units of the telephone-event clock. */
  duration: number;
  ended: boolean;
}

const EVENTS = '0123456789*#ABCD';
const SSRC = 0x0c0ffee0;

/**
 * The far end of a browser's audio: answers its offer with one codec and telephone-events, sends each audio packet
 * back, and collects the digits of RFC 4733 by (timestamp, event).
 */
export class BrowserMediaPeer {
  readonly digits: ReceivedDigit[] = [];
  readonly #peer = new nodeDataChannel.PeerConnection('media-peer', { iceServers: [] });
  readonly #digitsByKey = new Map<string, ReceivedDigit>();
  readonly #types: { codec: number; events: number | undefined };
  #track: Track | undefined;
  #packets = 0;

  private constructor(offer: string, codec: string, telephoneEvents: boolean) {
    this.#types = {
      codec: payloadType(offer, codec),
      events: telephoneEvents ? payloadType(offer, 'telephone-event/8000') : undefined,
    };
  }

  /** `codec` such as `PCMU/8000` must be in the offer. Resolves with the answer for the browser. */
  static async answer(
    offer: string,
    codec: string,
    telephoneEvents = true,
  ): Promise<{ peer: BrowserMediaPeer; sdp: string }> {
    const peer = new BrowserMediaPeer(offer, codec, telephoneEvents);
    return { peer, sdp: await peer.#answer(offer, codec) };
  }

  /** Audio packets received. */
  get packets(): number {
    return this.#packets;
  }

  get text(): string {
    return this.digits.map(({ digit }) => digit).join('');
  }

  close(): void {
    this.#track?.close();
    this.#peer.close();
  }

  async #answer(offer: string, codec: string): Promise<string> {
    const gathered = new Promise<void>((resolve) => {
      this.#peer.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    const mid = /^a=mid:(\S+)/m.exec(offer)?.[1] ?? '0';
    const audio = new nodeDataChannel.Audio(mid, 'SendRecv');
    audio.addAudioCodec(this.#types.codec, codec.split('/')[0] ?? codec);
    audio.addSSRC(SSRC, 'peer', 'peer', 'audio');
    this.#track = this.#peer.addTrack(audio);
    this.#track.onMessage((packet) => {
      this.#receive(Buffer.from(packet));
    });
    this.#peer.setRemoteDescription(offer, 'offer');
    await gathered;
    return this.#sdp(this.#peer.localDescription()?.sdp ?? '', mid, codec);
  }

  /** Transport lines from the library, everything else ours: one codec, one telephone-event. */
  #sdp(local: string, mid: string, codec: string): string {
    const lines = local.split(/\r?\n/);
    const transport = lines.filter((line) =>
      /^a=(?:ice-|fingerprint:|setup:|candidate:)/.test(line),
    );
    const { codec: audio, events } = this.#types;
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      `a=group:BUNDLE ${mid}`,
      `m=audio 9 UDP/TLS/RTP/SAVPF ${audio}${events === undefined ? '' : ` ${events}`}`,
      'c=IN IP4 0.0.0.0',
      `a=mid:${mid}`,
      'a=sendrecv',
      'a=rtcp-mux',
      `a=rtpmap:${audio} ${codec}`,
      ...(events === undefined
        ? []
        : [`a=rtpmap:${events} telephone-event/8000`, `a=fmtp:${events} 0-15`]),
      `a=ssrc:${SSRC} cname:peer`,
      ...transport,
      '',
    ].join('\r\n');
  }

  #receive(packet: Buffer): void {
    const type = packet.readUInt8(1) & 0x7f;
    if (type === this.#types.events) {
      this.#event(packet);
      return;
    }
    if (type !== this.#types.codec) return;
    this.#packets += 1;
    packet.writeUInt32BE(SSRC, 8);
    if (this.#track?.isOpen() === true) this.#track.sendMessageBinary(packet);
  }

  /** RFC 4733 section 2.3; the header of a browser's packet may carry extensions (RFC 3550 section 5.3.1). */
  #event(packet: Buffer): void {
    const extended = (packet.readUInt8(0) & 0x10) !== 0;
    const start = 12 + (extended ? 4 + packet.readUInt16BE(14) * 4 : 0);
    const event = packet.readUInt8(start);
    const key = `${packet.readUInt32BE(4)}/${event}`;
    let digit = this.#digitsByKey.get(key);
    if (digit === undefined) {
      digit = { digit: EVENTS[event] ?? '?', duration: 0, ended: false };
      this.#digitsByKey.set(key, digit);
      this.digits.push(digit);
    }
    digit.duration = Math.max(digit.duration, packet.readUInt16BE(start + 2));
    digit.ended ||= (packet.readUInt8(start + 1) & 0x80) !== 0;
  }
}

function payloadType(offer: string, codec: string): number {
  const line = new RegExp(`^a=rtpmap:(\\d+) ${codec.replace('/', '\\/')}`, 'mi').exec(offer);
  if (line?.[1] === undefined) throw new Error(`the offer has no ${codec}`);
  return Number(line[1]);
}
