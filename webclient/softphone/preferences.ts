const KEY = 'copperline.preferences';

/** Choices of this browser; nothing secret. Empty strings: the system's own. */
export interface Preferences {
  microphone: string;
  speaker: string;
  ringer: string;
  language: string;
}

const NONE: Preferences = { microphone: '', speaker: '', ringer: '', language: '' };

export function loadPreferences(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown> | null;
    const entries = Object.keys(NONE).map((key) => {
      const value = stored?.[key];
      return [key, typeof value === 'string' ? value : ''];
    });
    return Object.fromEntries(entries) as Preferences;
  } catch {
    return NONE;
  }
}

export function savePreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Private windows may forbid it.
  }
}
