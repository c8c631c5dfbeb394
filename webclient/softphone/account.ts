/** Who signs in, and where. */
export interface Account {
  server: string;
  domain: string;
  user: string;
  password: string;
}
