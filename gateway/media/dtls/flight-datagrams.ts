import {
  encodeFragment,
  HANDSHAKE_HEADER_BYTES,
  type HandshakeMessage,
} from './handshake-message.js';
import { recordOverhead, type Epoch, type RecordLayer } from './record-layer.js';
import { CONTENT } from './record.js';

/** Bytes of UDP payload that pass with IPv6, a TURN channel and a tunnel below them; browsers take 1200 as well. */
const DATAGRAM_BYTES = 1200;
/** A message is only begun at the end of a datagram when so much of it fits there. */
const SMALLEST_FRAGMENT_BYTES = 64;

/** What we say before the peer says something (RFC 6347 section 4.2.4). */
export type Flight = readonly FlightPart[];

/** One message, or the ChangeCipherSpec. */
export type FlightPart = { message: HandshakeMessage; epoch: Epoch } | 'ChangeCipherSpec';

/**
 * As few datagrams as it goes (RFC 6347 section 4.1.1: several records per datagram), each within the path MTU
 * (section 4.2.3: fragments). Each call gives new records, since a sequence number never comes again (section 4.1).
 */
export function flightDatagrams(flight: Flight, layer: RecordLayer): Buffer[] {
  const datagrams = new Datagrams();
  for (const part of flight) {
    if (part === 'ChangeCipherSpec') {
      if (datagrams.room < recordOverhead(0) + 1) datagrams.begin();
      datagrams.add(layer.seal(CONTENT.changeCipherSpec, 0, Buffer.of(1)));
    } else {
      addMessage(datagrams, layer, part);
    }
  }
  return datagrams.end();
}

function addMessage(
  datagrams: Datagrams,
  layer: RecordLayer,
  { message, epoch }: { message: HandshakeMessage; epoch: Epoch },
): void {
  const overhead = recordOverhead(epoch) + HANDSHAKE_HEADER_BYTES;
  const { length } = message.body;
  let offset = 0;
  do {
    const least = Math.min(length - offset, SMALLEST_FRAGMENT_BYTES);
    if (datagrams.room < overhead + least) datagrams.begin();
    const end = Math.min(length, offset + datagrams.room - overhead);
    datagrams.add(layer.seal(CONTENT.handshake, epoch, encodeFragment(message, offset, end)));
    offset = end;
  } while (offset < length);
}

class Datagrams {
  readonly #done: Buffer[] = [];
  #records: Buffer[] = [];
  #bytes = 0;

  get room(): number {
    return DATAGRAM_BYTES - this.#bytes;
  }

  add(record: Buffer): void {
    this.#records.push(record);
    this.#bytes += record.length;
  }

  begin(): void {
    if (this.#records.length > 0) this.#done.push(Buffer.concat(this.#records));
    this.#records = [];
    this.#bytes = 0;
  }

  end(): Buffer[] {
    this.begin();
    return this.#done;
  }
}
