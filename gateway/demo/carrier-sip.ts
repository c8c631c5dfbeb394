/** SIP as the demo carrier sees it. The implementation on drachtio-srf is drachtio-sip.ts. */
export interface CarrierInvite {
  /** SIP Call-ID. */
  readonly callId: string;
  /** User part of the request-URI. */
  readonly dialled: string;
  /** Empty when the INVITE has no SDP. */
  readonly offer: string;
  /** Aborted by CANCEL, and when the connection to the SIP server is lost. */
  readonly cancelled: AbortSignal;
  /** A provisional response; with SDP it opens early media. */
  progress(status: number, sdp?: string): void;
  /** The final refusal; a no-op once the caller cancelled. */
  refuse(status: number, sentence?: string): void;
  /**
   * 200 with the answer. Resolves with undefined when the caller cancelled meanwhile. The handlers are
   * in place before any request of the dialog can arrive.
   */
  answer(sdp: string, handlers: CarrierDialogHandlers): Promise<CarrierDialog | undefined>;
}

export interface CarrierDialogHandlers {
  /** BYE from the caller, no ACK, or the SIP server is gone. At most once; not after `bye()`. */
  onEnd(sentence: string): void;
  /**
   * re-INVITE or UPDATE; `offer` is empty when it has none. Returns the SDP to answer.
   * @throws CopperlineError whose SIP status is answered
   */
  onReoffer(offer: string): string;
  /** The ACK of a re-INVITE without offer brought the answer to what onReoffer() returned. MUST NOT throw. */
  onAnswer(answer: string): void;
}

export interface CarrierDialog {
  /** Resolves with the SIP status; never rejects: 481 when the dialog is gone. */
  info(contentType: string, body: string): Promise<number>;
  /** Resolves when the BYE was answered or given up; never rejects. */
  bye(sentence: string): Promise<void>;
}
