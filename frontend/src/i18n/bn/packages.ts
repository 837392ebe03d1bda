import type { packages as english } from "../en/packages";
import type { SameKeys } from "../types";

export const packages: SameKeys<typeof english> = {
  "cycle.daily": "দৈনিক",
  "cycle.monthly": "মাসিক",
  "cycle.quarterly": "ত্রৈমাসিক",
  "cycle.weekly": "সাপ্তাহিক",
  "cycle.yearly": "বার্ষিক",
  "package.burst_down": "বার্স্ট ডাউনলোড (kbit/s)",
  "package.burst_seconds": "বার্স্ট সেকেন্ড",
  "package.burst_up": "বার্স্ট আপলোড (kbit/s)",
  "package.create": "প্যাকেজ তৈরি করুন",
  "package.created": "প্যাকেজ তৈরি হয়েছে",
  "package.empty": "এখনো কোনো প্যাকেজ নেই",
  "package.empty_hint": "প্যাকেজ হলো যা গ্রাহক কেনেন: গতি, মূল্য ও বিলিং চক্র।",
  "package.network": "নেটওয়ার্কের বিবরণ ও বার্স্ট",
  "package.rate": "ডাউন / আপ",
  "package.rate_by_router": "গতি রাউটার নিয়ন্ত্রণ করে",
  "package.retire": "অবসর দিন",
  "package.retire_question": '"{{name}}" আর বিক্রি করা যাবে না। যাঁদের আছে তাঁদের থাকবে।',
  "package.retired": "প্যাকেজ অবসরে গেছে",
  "package.threshold_down": "বার্স্ট সীমা ডাউনলোড (kbit/s)",
  "package.threshold_up": "বার্স্ট সীমা আপলোড (kbit/s)",
};
