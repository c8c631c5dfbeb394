/** The RTP packets of the media benchmark: PCMU, 20 ms, with marks in the payload behind the header of 12 bytes. */
export const PACKET_BYTES = 172;
export const PCMU = 0;

/** One byte: which counting the packet belongs to. */
export const EPOCH_AT = 12;

/** Float64: when the browser sent it, ms. */
export const STAMP_AT = 16;
