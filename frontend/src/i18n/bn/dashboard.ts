import type { dashboard as english } from "../en/dashboard";
import type { SameKeys } from "../types";

export const dashboard: SameKeys<typeof english> = {
  "dashboard.collected_today": "আজ আদায়",
  "dashboard.customers_due": "গ্রাহক: {{count}}",
  "dashboard.due_today": "আজ বাকি",
  "dashboard.expiring_next": "শিগগির মেয়াদ শেষ",
  "dashboard.last_month": "গত মাসে {{amount}}",
  "dashboard.latest_payments": "সর্বশেষ পরিশোধ",
  "dashboard.new_this_month": "এ মাসে নতুন",
  "dashboard.of_active": "সক্রিয় {{count}} এর মধ্যে",
  "dashboard.online_now": "এখন অনলাইন",
  "dashboard.revenue_this_month": "এ মাসের আয়",
};
