export const dashboard = {
  "dashboard.collected_today": "Collected today",
  "dashboard.customers_due": "Customers: {{count}}",
  "dashboard.due_today": "Due today",
  "dashboard.expiring_next": "Expiring next",
  "dashboard.last_month": "Last month {{amount}}",
  "dashboard.latest_payments": "Latest payments",
  "dashboard.new_this_month": "New this month",
  "dashboard.of_active": "of {{count}} active",
  "dashboard.online_now": "Online now",
  "dashboard.revenue_this_month": "Revenue this month",
} as const;
