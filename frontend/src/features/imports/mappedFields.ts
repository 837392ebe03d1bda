/** What a column of a file can become. */
export const MAPPED_FIELDS = [
  "username",
  "password",
  "name",
  "mobile",
  "package",
  "email",
  "address",
  "zone",
  "national_id",
  "static_ipv4",
  "expires_at",
  "notes",
  "connection_type",
  "billing_type",
  "disabled",
] as const;
