import type { Secret } from '../kernel/secret.js';

/** A person or device that may sign in. */
interface UserAccount {
  password: Secret;
  displayName?: string | undefined;
  /** The number shown to the called party, E.164 with `+`. */
  callerId?: string | undefined;
}

/** Looks a user up by the user part of the AOR; undefined when there is none. */
export type FindUser = (user: string) => UserAccount | undefined;
