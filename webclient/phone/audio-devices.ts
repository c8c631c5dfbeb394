export interface AudioDevice {
  id: string;
  /** Empty until the page was allowed to use the microphone. */
  label: string;
}

export interface AudioDevices {
  microphones: readonly AudioDevice[];
  /** Empty in browsers that let no page choose. */
  speakers: readonly AudioDevice[];
}

/** What is plugged in now, without the browser's aliases for the system's own device. */
export async function listAudioDevices(): Promise<AudioDevices> {
  const devices =
    (await mediaDevices()
      ?.enumerateDevices()
      .catch(() => undefined)) ?? [];
  const of = (kind: MediaDeviceKind): AudioDevice[] =>
    devices
      .filter((device) => device.kind === kind)
      .filter(({ deviceId }) => !['', 'default', 'communications'].includes(deviceId))
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { microphones: of('audioinput'), speakers: of('audiooutput') };
}

/** Calls `listener` when something is plugged in or out, until the returned function is called. */
export function watchAudioDevices(listener: () => void): () => void {
  const devices = mediaDevices();
  devices?.addEventListener('devicechange', listener);
  return () => {
    devices?.removeEventListener('devicechange', listener);
  };
}

/** Typed as always there, but missing in pages that are not secure. */
function mediaDevices(): MediaDevices | undefined {
  return (navigator as Partial<Pick<Navigator, 'mediaDevices'>>).mediaDevices;
}
