export const operators = {
  "operator.create": "Create operator",
  "operator.empty": "No operators yet",
  "operator.empty_hint": "Operators resell your packages and see only their own customers.",
  "operator.parent_hint": "With a parent it becomes a sub-operator",
  "operator_kind.operator": "Operator",
  "operator_kind.sub_operator": "Sub-operator",
  "zone.create": "Create zone",
  "zone.delete_question": 'The zone "{{name}}" is removed. Zones with customers cannot be deleted.',
  "zone.deleted": "Zone deleted",
  "zone.empty": "No zones yet",
  "zone.empty_hint": "Zones group customers by area, for filters and collection rounds.",
} as const;
