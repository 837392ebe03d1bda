import type { Schema } from "@/api/types";

/** The data of a `usage` event, which the API's document describes as JSON text. */
export interface UsageNow {
  /** The live sessions, latest first; none while the customer is offline. */
  sessions: LiveSession[];
  today: Schema<"UsageAmount">;
  month: Schema<"UsageAmount">;
}

export interface LiveSession extends Schema<"UsageAmount"> {
  session_id: string;
  started_at: string;
  updated_at: string;
  upload_bps: string;
  download_bps: string;
  framed_ip: string | null;
  walled: boolean;
}
