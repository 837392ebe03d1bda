/** The roles a staff account can be created with; the server decides who may create whom. */
export const STAFF_ROLES = [
  "admin",
  "operator",
  "sub_operator",
  "manager",
  "card_distributor",
  "sales_manager",
  "accountant",
  "staff",
  "integration",
] as const;
