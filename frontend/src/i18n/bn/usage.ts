import type { usage as english } from "../en/usage";
import type { SameKeys } from "../types";

export const usage: SameKeys<typeof english> = {
  "usage.by": "যেভাবে ভাগ করা",
  "usage.by.day": "দিন",
  "usage.by.month": "মাস",
  "usage.chart": "{{by}} অনুযায়ী ডাউনলোড ও আপলোড, {{from}} থেকে {{to}}; মোট {{total}}",
  "usage.check": "এখনকার ব্যবহার দেখুন",
  "usage.date": "তারিখ",
  "usage.earlier": "আগের",
  "usage.empty": "কিছুই ব্যবহার হয়নি",
  "usage.empty_hint": "রাউটারের প্রথম রিপোর্টের সঙ্গে ব্যবহার এখানে দেখা যায়। সীমিত অবস্থার ট্রাফিক গোনা হয় না।",
  "usage.later": "পরের",
  "usage.live": "এই মুহূর্তে",
  "usage.live_connecting": "সংযুক্ত হচ্ছে …",
  "usage.live_ended": "সংযোগ শেষ হয়েছে। চালিয়ে যেতে আবার দেখুন।",
  "usage.live_hint": "চলমান সেশনের গণনা ও গতি, রাউটারের প্রতিটি রিপোর্টে হালনাগাদ",
  "usage.live_offline": "গ্রাহক অনলাইন নন।",
  "usage.month": "এই মাসে",
  "usage.reported": "রিপোর্ট {{time}}",
  "usage.session_now": "এই সেশনে",
  "usage.speed": "গতি, ডাউন / আপ",
  "usage.stop": "দেখা বন্ধ করুন",
  "usage.time_online": "অনলাইন সময়",
  "usage.title": "ব্যবহার",
  "usage.today": "আজ",
  "usage.total": "মোট",
};
