/**
 * What other pages get: the entry of `/sdk/copperline-phone.js`, `/sdk/copperline-phone.iife.js` (global `Copperline`) and of the package
 * `copperline-phone`. Nothing in this repository imports it.
 */
export { listAudioDevices, watchAudioDevices } from './audio-devices.js';
export type { AudioDevice, AudioDevices } from './audio-devices.js';
export type { CallEnd, CallState } from './call-state.js';
export type { DigitProgress } from './digit-queue.js';
export type { DigitTiming } from './digits.js';
export type { RelayedDigit } from './dtmf-relay.js';
export { PhoneError } from './failure.js';
export type { Failure } from './failure.js';
export { FAILURE_SENTENCES } from './failure-sentences.js';
export type { FailureKind } from './failure-sentences.js';
export { gatewayIceServers } from './ice-servers.js';
export type { IceServerGrant, IceServerSource } from './ice-servers.js';
export type { MicrophoneChange } from './microphone-keeper.js';
export { createPhone } from './phone.js';
export type {
  Call,
  CallEvents,
  ConnectionState,
  Phone,
  PhoneEvents,
  PhoneOptions,
  RegistrationState,
} from './phone-types.js';
export { checkCalling } from './pre-call-check.js';
export type {
  Check,
  CheckVerdict,
  MicrophoneFinding,
  PreCallOptions,
  PreCallReport,
  TurnFinding,
  UdpFinding,
  WebSocketFinding,
} from './pre-call-types.js';
export type { CallQuality } from './quality.js';
export type { RemoteParty } from './remote-party.js';
export { Ringback } from './ringback.js';
