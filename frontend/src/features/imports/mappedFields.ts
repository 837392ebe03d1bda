/** What a column of a file can become. */
export const MAPPED_FIELDS = [
  "username",
  "password",
  "name",
  "mobile",
  "email",
  "profile",
  "address",
  "zone",
  "national_id",
  "static_ipv4",
  "expires_at",
  "notes",
] as const;
