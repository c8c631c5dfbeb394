/** What a kind of carrier or PBX needs, as data. The settings of a trunk go before those of its profile. */
export interface TrunkProfile {
  /** What `doctor` tells about it, a plain sentence each. */
  needs: readonly string[];
  /** As in `trunks[]`; what is missing keeps the usual default. */
  settings: Readonly<Record<string, unknown>>;
}
