/** What a link does to one packet. */
export interface PacketFate {
  lost: boolean;
  duplicated: boolean;
  /** Extra delay of the packet and of its duplicate, ms. */
  delayMs: number;
  duplicateDelayMs: number;
}

export interface Arrival<Packet> {
  at: number;
  packet: Packet;
}

/** Sends packets over the link; the result is in order of arrival, equal times in sending order. */
export function transmit<Packet extends { at: number }>(
  packets: readonly Packet[],
  fates: readonly PacketFate[],
): Arrival<Packet>[] {
  const arrivals: Arrival<Packet>[] = [];
  for (const [index, packet] of packets.entries()) {
    const fate = fates[index % Math.max(1, fates.length)];
    if (fate === undefined) {
      arrivals.push({ at: packet.at, packet });
      continue;
    }
    if (fate.lost) continue;
    arrivals.push({ at: packet.at + fate.delayMs, packet });
    if (fate.duplicated) arrivals.push({ at: packet.at + fate.duplicateDelayMs, packet });
  }
  return arrivals.sort((one, other) => one.at - other.at);
}
