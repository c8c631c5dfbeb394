/** The part of an RTCRtpCodec that decides. */
export interface CodecLike {
  mimeType: string;
}

/**
 * The browser's codecs in the wanted order, for RTCRtpTransceiver.setCodecPreferences. Codecs that are not wanted
 * are left out, except telephone-event, without which no digit could be sent. Undefined when the browser has none
 * of the wanted ones, in which case its own order must stay.
 */
export function preferCodecs<Codec extends CodecLike>(
  available: readonly Codec[],
  wanted: readonly string[],
): Codec[] | undefined {
  const name = (codec: Codec): string => codec.mimeType.replace(/^audio\//i, '').toLowerCase();
  const chosen = wanted.flatMap((want) =>
    available.filter((codec) => name(codec) === want.toLowerCase()),
  );
  if (chosen.length === 0) return undefined;
  return [...chosen, ...available.filter((codec) => name(codec) === 'telephone-event')];
}

/** True when an SDP answer takes RFC 4733 telephone-events (RFC 4733 section 2.4.1). */
export function takesTelephoneEvents(sdp: string): boolean {
  return /^a=rtpmap:\d+ telephone-event\/\d+/im.test(sdp);
}
