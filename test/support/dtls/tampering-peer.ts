import { parseAlert } from '../../../gateway/media/dtls/alerts.js';
import { ClientHandshake } from '../../../gateway/media/dtls/client-handshake.js';
import {
  flightDatagrams,
  type Flight,
  type FlightPart,
} from '../../../gateway/media/dtls/flight-datagrams.js';
import {
  readFragments,
  type HandshakeMessage,
} from '../../../gateway/media/dtls/handshake-message.js';
import type { Handshake } from '../../../gateway/media/dtls/handshake-state.js';
import { Reassembly } from '../../../gateway/media/dtls/reassembly.js';
import { RecordLayer } from '../../../gateway/media/dtls/record-layer.js';
import { CONTENT, readRecords } from '../../../gateway/media/dtls/record.js';
import { ServerHandshake } from '../../../gateway/media/dtls/server-handshake.js';
import {
  CERTIFICATES,
  other,
  type DatagramPeer,
  HandshakeRig,
  type Role,
} from './handshake-rig.js';

/** What is sent instead of a part of a flight. */
export type Tamper = (part: FlightPart) => Flight;

/** Changes the bodies of the messages of one type. */
export function changing(type: number, change: (body: Buffer) => Buffer): Tamper {
  return (part) => {
    if (part === 'ChangeCipherSpec' || part.message.type !== type) return [part];
    return [{ ...part, message: { ...part.message, body: change(part.message.body) } }];
  };
}

/** A peer that knows DTLS, has the keys, and says other things than it should. It repeats nothing and fails never. */
class TamperingPeer implements DatagramPeer {
  /** The names of the alerts that it was sent. */
  readonly alerts: string[] = [];
  readonly layer: RecordLayer;
  readonly #rig: HandshakeRig;
  readonly #role: Role;
  readonly #tamper: Tamper;
  readonly #handshake: Handshake;
  readonly #reassembly = new Reassembly();

  constructor(rig: HandshakeRig, role: Role, tamper: Tamper) {
    this.#rig = rig;
    this.#role = role;
    this.#tamper = tamper;
    this.layer = new RecordLayer(role);
    const options = {
      certificate: CERTIFICATES[role],
      remoteFingerprint: CERTIFICATES[other(role)].fingerprint,
    };
    this.#handshake =
      role === 'client' ? new ClientHandshake(options) : new ServerHandshake(options);
  }

  start(): void {
    if (this.#handshake instanceof ClientHandshake) this.send(this.#handshake.hello());
  }

  send(flight: Flight): void {
    const parts = flight.flatMap((part) => this.#tamper(part));
    for (const datagram of flightDatagrams(parts, this.layer)) this.#rig.send(this.#role, datagram);
  }

  receive(datagram: Buffer): void {
    for (const record of readRecords(datagram)) {
      const content = record.epoch === 0 ? record.fragment : this.layer.open(record);
      if (content === undefined) continue;
      if (record.type === CONTENT.alert) this.alerts.push(parseAlert(content)?.name ?? '?');
      if (record.type === CONTENT.handshake)
        for (const fragment of readFragments(content)) this.#reassembly.add(fragment);
      for (;;) {
        const message = this.#reassembly.take();
        if (message === undefined) break;
        this.#take(message);
      }
    }
  }

  close(): void {
    this.#reassembly.clear();
  }

  #take(message: HandshakeMessage): void {
    try {
      const { keys, flight } = this.#handshake.receive(message);
      if (keys !== undefined) this.layer.protectWith(keys);
      if (flight !== undefined) this.send(flight);
    } catch {
      // It goes on as if nothing were wrong.
    }
  }
}

/** Our end as `role` against one that tampers. */
export function against(role: Role, tamper: Tamper) {
  const peers: TamperingPeer[] = [];
  const rig = new HandshakeRig((made) => {
    const peer = new TamperingPeer(made, other(role), tamper);
    peers.push(peer);
    return { [other(role)]: peer };
  });
  const [peer] = peers;
  if (peer === undefined) throw new Error('There is no peer.');
  return { rig, peer, us: rig[role] };
}
