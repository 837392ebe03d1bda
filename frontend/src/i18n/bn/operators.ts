import type { operators as english } from "../en/operators";
import type { SameKeys } from "../types";

export const operators: SameKeys<typeof english> = {
  "operator.create": "অপারেটর তৈরি করুন",
  "operator.empty": "এখনো কোনো অপারেটর নেই",
  "operator.empty_hint": "অপারেটররা আপনার প্যাকেজ বিক্রি করেন এবং শুধু নিজেদের গ্রাহক দেখেন।",
  "operator.parent_hint": "ঊর্ধ্বতন দিলে সাব-অপারেটর হবে",
  "operator_kind.operator": "অপারেটর",
  "operator_kind.sub_operator": "সাব-অপারেটর",
  "zone.create": "এলাকা তৈরি করুন",
  "zone.delete_question": '"{{name}}" এলাকা মুছে যাবে। গ্রাহক আছে এমন এলাকা মোছা যায় না।',
  "zone.deleted": "এলাকা মোছা হয়েছে",
  "zone.empty": "এখনো কোনো এলাকা নেই",
  "zone.empty_hint": "এলাকা দিয়ে গ্রাহকদের ভাগ করুন, ফিল্টার ও আদায়ের সুবিধার জন্য।",
};
