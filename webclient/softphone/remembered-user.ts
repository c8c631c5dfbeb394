const KEY = 'copperline.user';

/** The user name of the last sign-in; never a password. Storage may be forbidden, which costs only comfort. */
export function rememberedUser(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}

export function rememberUser(user: string): void {
  try {
    localStorage.setItem(KEY, user);
  } catch {
    // Private windows may forbid it.
  }
}
