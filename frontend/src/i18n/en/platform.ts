export const platform = {
  "platform.create_isp": "Create ISP",
  "platform.create_tenancy": "Create tenancy",
  "platform.first_admin": "First administrator",
  "platform.first_super_admin": "Owner",
  "platform.isp_created": "ISP created",
  "platform.isps": "ISPs",
  "platform.no_isps": "No ISPs yet",
  "platform.no_isps_hint": "Create the first one together with its administrator.",
  "platform.no_tenancies": "No tenancies yet",
  "platform.tenancies": "Tenancies",
  "platform.tenancy": "Tenancy",
  "platform.tenancy_created": "Tenancy created",
} as const;
