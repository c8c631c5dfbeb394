/** Why a digest challenge was not answered, or its answer not taken. */
export type ChallengeFailure =
  /** We have no credentials. */
  | 'no-credentials'
  /** None of the challenges is a digest of MD5 or SHA-256 with qop auth. */
  | 'not-understood'
  /** The credentials were sent and are not right. */
  | 'wrong';
