/** A dialog as the party that names it sees it (RFC 3261 section 12). */
export interface DialogId {
  callId: string;
  /** The tag of the user agent that gets the Replaces. */
  toTag: string;
  fromTag: string;
}

/** A REFER in a dialog (RFC 3515): the peer asks us to call somebody in its place. Gets exactly one accept() or reject(). */
export interface IncomingRefer {
  /** User part of the Refer-To URI, unescaped. */
  readonly target: { user: string; host: string };
  /** The dialog that the target shall give up for the new call (RFC 3891): an attended transfer. */
  readonly replaces: DialogId | undefined;
  /** 202; the peer then hears how it goes by report(). */
  accept(): void;
  /** Only the first final answer counts. `sentence` goes into a Reason header. */
  reject(status: number, options: { sentence: string; code: string }): void;
  /**
   * NOTIFY with a `message/sipfrag` of that status; one of 200 or more is the last. Resolves when the peer has answered it, or
   * cannot; never rejects. Nothing is sent when the peer asked for `Refer-Sub: false` (RFC 4488).
   */
  report(status: number, reason: string): Promise<void>;
}
