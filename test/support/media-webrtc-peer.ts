import nodeDataChannel, { type Track } from 'node-datachannel';
import { Inbox, readRtp, rtpPacket, type ReceivedRtp, type RtpToSend } from './media-rtp-peer.js';

/** How a peer's own SDP text is turned into that of a browser: its formats and what a test bends. */
export interface WebrtcPeerFormats {
  /** For example `111 0 110 126`. */
  payloadTypes: string;
  /** a=rtpmap and a=fmtp lines. */
  lines: string[];
}

const BROWSER_FORMATS: WebrtcPeerFormats = {
  payloadTypes: '111 9 0 8 110 126',
  lines: [
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:9 G722/8000',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:126 telephone-event/8000',
  ],
};

/** A browser as far as media goes: full ICE, DTLS and SRTP from libdatachannel, RTP by hand. */
export class WebrtcPeer {
  readonly rtp = new Inbox<ReceivedRtp>();
  readonly rtcp = new Inbox<Buffer>();
  readonly #peer = new nodeDataChannel.PeerConnection('test-browser', {
    iceServers: [],
    bindAddress: '127.0.0.1',
    disableAutoNegotiation: true,
  });
  readonly #track: Track;
  readonly #opened: Promise<void>;
  readonly #gathered: Promise<void>;
  #wasOpen = false;

  constructor() {
    this.#gathered = new Promise((resolve) => {
      this.#peer.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    const audio = new nodeDataChannel.Audio('0', 'SendRecv');
    audio.addAudioCodec(0, 'PCMU/8000');
    this.#track = this.#peer.addTrack(audio);
    this.#opened = new Promise((resolve) => {
      this.#track.onOpen(() => {
        this.#wasOpen = true;
        resolve();
      });
    });
    this.#track.onMessage((packet) => {
      const type = packet.readUInt8(1);
      if (type >= 192 && type <= 223) this.rtcp.push(packet);
      else this.rtp.push(readRtp(packet));
    });
  }

  /** A full offer, as a browser that gathered all its candidates would send it. */
  async offer(formats: WebrtcPeerFormats = BROWSER_FORMATS): Promise<string> {
    this.#peer.setLocalDescription('offer');
    await this.#gathered;
    return withFormats(this.#peer.localDescription()?.sdp ?? '', formats);
  }

  /** Takes an offer of the engine and answers it. */
  async answer(offer: string, formats: WebrtcPeerFormats = BROWSER_FORMATS): Promise<string> {
    this.#peer.setRemoteDescription(offer, 'offer');
    this.#peer.setLocalDescription('answer');
    await this.#gathered;
    return withFormats(this.#peer.localDescription()?.sdp ?? '', formats);
  }

  take(answer: string): void {
    this.#peer.setRemoteDescription(answer, 'answer');
  }

  /** Resolves when DTLS is done and media can flow. */
  opened(): Promise<void> {
    return this.#opened;
  }

  send(packet: RtpToSend): void {
    this.sendRtcp(rtpPacket(packet));
  }

  /** As from a browser, what is sent after the other side has closed the connection goes nowhere. */
  sendRtcp(packet: Buffer): void {
    try {
      this.#track.sendMessageBinary(packet);
    } catch (error) {
      if (!this.#wasOpen || this.#track.isOpen()) throw error;
    }
  }

  close(): void {
    this.#peer.close();
  }
}

function withFormats(sdp: string, formats: WebrtcPeerFormats): string {
  return sdp
    .split('\r\n')
    .filter((line) => !/^a=(rtpmap|fmtp|rtcp-fb):/.test(line))
    .map((line) => line.replace(/^(m=audio \d+ \S+) .*$/, `$1 ${formats.payloadTypes}`))
    .flatMap((line) => (line === 'a=rtcp-mux' ? [line, ...formats.lines] : [line]))
    .join('\r\n');
}
