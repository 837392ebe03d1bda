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
  "held_cuts.title": "{{count}} জন গ্রাহকের সংযোগ বন্ধের অপেক্ষায়",
  "held_cuts.hint":
    "সংখ্যাটি অস্বাভাবিক বেশি, তাই {{since}} থেকে কারও সংযোগ বন্ধ করা হয়নি। আপনি সিদ্ধান্ত না নেওয়া পর্যন্ত তাঁরা সেবা পাবেন। যাঁরা আগাম টাকা দিয়েছেন তাঁদের নবায়ন হয়েছে।",
  "held_cuts.look": "যাঁদের মেয়াদ আগে শেষ, দেখুন",
  "held_cuts.release": "সংযোগ বন্ধ করুন",
  "held_cuts.question":
    "মেয়াদ শেষ এমন {{count}} জন গ্রাহকের সেবা এখনই বন্ধ হবে। আগে তারিখগুলো দেখুন: ভুল ইমপোর্ট বা ঘড়ির পরে এটি ভুল হতে পারে।",
  "held_cuts.released": "সংযোগ বন্ধ করা হচ্ছে।",
};
