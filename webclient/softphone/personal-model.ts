import { TypedEvents } from '../phone/typed-events.js';
import { AddressBook } from './address-book.js';
import { chooseLanguage, loadMessages, type Language } from './languages.js';
import { messages, type Messages } from './messages.js';
import { loadPreferences, savePreferences, type Preferences } from './preferences.js';

/** What belongs to the person at this browser: language, devices, contacts, recent calls. It stays on this machine. */
export abstract class PersonalModel extends TypedEvents<{ change: undefined }> {
  readonly book = new AddressBook(() => {
    this.changed();
  });
  preferences: Preferences = loadPreferences();
  messages: Messages = messages;
  language: Language = 'en';

  /** The preferences changed. */
  protected abstract usePreferences(): void;
  protected abstract useMicrophone(constraints: MediaTrackConstraints): Promise<void>;

  /** Keeps and applies a choice. A microphone that cannot be opened leaves running calls with theirs. */
  async choose(changes: Partial<Preferences>): Promise<void> {
    this.preferences = { ...this.preferences, ...changes };
    savePreferences(this.preferences);
    this.usePreferences();
    if (changes.language !== undefined) await this.useLanguage();
    if (changes.microphone !== undefined)
      await this.useMicrophone(this.microphone).catch(() => undefined);
    this.changed();
  }

  /** The chosen language, else the browser's. */
  async useLanguage(): Promise<void> {
    this.language = chooseLanguage([this.preferences.language, ...navigator.languages]);
    this.messages = await loadMessages(this.language);
    document.documentElement.lang = this.language;
    this.changed();
  }

  protected get microphone(): MediaTrackConstraints {
    const { microphone } = this.preferences;
    // Not `exact`: a headset that stayed at home must not make calls impossible.
    return microphone === '' ? {} : { deviceId: { ideal: microphone } };
  }

  protected changed(): void {
    this.emit('change', undefined);
  }
}
