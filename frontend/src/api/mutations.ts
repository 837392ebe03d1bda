import { client, unwrap } from "./client";
import type { Schema } from "./types";

/** Every write of the application, one function per operation. */
const byId = (id: string) => ({ path: { id } });
const once = (id: string, key: string) => ({
  path: { id },
  header: { "Idempotency-Key": key },
});

export const signIn = (body: Schema<"SignInRequest">) =>
  unwrap(client.POST("/api/v1/auth/sign-ins", { body }));
export const signOut = () => unwrap(client.POST("/api/v1/auth/sign-outs"));
export const changeMyPassword = (body: Schema<"PasswordChangeRequest">) =>
  unwrap(client.POST("/api/v1/me/password-changes", { body }));
export const startTotpEnrolment = () => unwrap(client.POST("/api/v1/me/totp-enrolments"));
export const confirmTotp = (body: Schema<"TotpConfirmationRequest">) =>
  unwrap(client.POST("/api/v1/me/totp-confirmations", { body }));
export const removeTotp = (body: Schema<"TotpRemovalRequest">) =>
  unwrap(client.POST("/api/v1/me/totp-removals", { body }));
export const endMySignIn = (id: string) =>
  unwrap(client.DELETE("/api/v1/me/sign-ins/{id}", { params: byId(id) }));
export const startImpersonation = (body: Schema<"ImpersonationRequest">) =>
  unwrap(client.POST("/api/v1/impersonations", { body }));
export const endImpersonation = () => unwrap(client.POST("/api/v1/impersonations/ends"));

export const createUser = (body: Schema<"CreateUserRequest">) =>
  unwrap(client.POST("/api/v1/users", { body }));
export const editUser = (id: string, body: Schema<"EditUserRequest">) =>
  unwrap(client.PATCH("/api/v1/users/{id}", { params: byId(id), body }));
export const resetUserPassword = (id: string, body: Schema<"PasswordResetRequest">) =>
  unwrap(client.POST("/api/v1/users/{id}/password-resets", { params: byId(id), body }));
export const grantPermission = (id: string, body: Schema<"GrantRequest">) =>
  unwrap(client.POST("/api/v1/users/{id}/grants", { params: byId(id), body }));
export const revokePermission = (id: string, permission: Schema<"Permission">) =>
  unwrap(
    client.DELETE("/api/v1/users/{id}/grants/{permission}", {
      params: { path: { id, permission } },
    }),
  );
export const createApiKey = (body: Schema<"CreateApiKeyRequest">) =>
  unwrap(client.POST("/api/v1/api-keys", { body }));
export const revokeApiKey = (id: string) =>
  unwrap(client.DELETE("/api/v1/api-keys/{id}", { params: byId(id) }));

export const createTenancy = (body: Schema<"CreateTenancyRequest">) =>
  unwrap(client.POST("/api/v1/tenancies", { body }));
export const createIsp = (body: Schema<"CreateIspRequest">) =>
  unwrap(client.POST("/api/v1/isps", { body }));
export const editSettings = (body: Schema<"EditSettingsRequest">) =>
  unwrap(client.PATCH("/api/v1/settings", { body }));

export const createPackage = (body: Schema<"CreatePackageRequest">) =>
  unwrap(client.POST("/api/v1/packages", { body }));
export const editPackage = (id: string, body: Schema<"EditPackageRequest">) =>
  unwrap(client.PATCH("/api/v1/packages/{id}", { params: byId(id), body }));
export const retirePackage = (id: string) =>
  unwrap(client.POST("/api/v1/packages/{id}/retirements", { params: byId(id) }));
export const createZone = (body: Schema<"CreateZoneRequest">) =>
  unwrap(client.POST("/api/v1/zones", { body }));
export const editZone = (id: string, body: Schema<"EditZoneRequest">) =>
  unwrap(client.PATCH("/api/v1/zones/{id}", { params: byId(id), body }));
export const deleteZone = (id: string) =>
  unwrap(client.DELETE("/api/v1/zones/{id}", { params: byId(id) }));
export const createOperator = (body: Schema<"CreateOperatorRequest">) =>
  unwrap(client.POST("/api/v1/operators", { body }));
export const editOperator = (id: string, body: Schema<"EditOperatorRequest">) =>
  unwrap(client.PATCH("/api/v1/operators/{id}", { params: byId(id), body }));
export const createNas = (body: Schema<"CreateNasRequest">) =>
  unwrap(client.POST("/api/v1/nas", { body }));
export const editNas = (id: string, body: Schema<"EditNasRequest">) =>
  unwrap(client.PATCH("/api/v1/nas/{id}", { params: byId(id), body }));
export const revealNasSecret = (id: string) =>
  unwrap(client.POST("/api/v1/nas/{id}/secret-reveals", { params: byId(id) }));

export const createCustomer = (body: Schema<"CreateCustomerRequest">) =>
  unwrap(client.POST("/api/v1/customers", { body }));
export const editCustomer = (id: string, etag: string, body: Schema<"EditCustomerRequest">) =>
  unwrap(
    client.PATCH("/api/v1/customers/{id}", {
      params: { path: { id }, header: { "If-Match": etag } },
      body,
    }),
  );
export const revealCustomerPassword = (id: string) =>
  unwrap(client.GET("/api/v1/customers/{id}/password", { params: byId(id) }));
export const suspendCustomer = (id: string, body: Schema<"SuspendCustomerRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/suspensions", { params: byId(id), body }));
export const activateCustomer = (id: string) =>
  unwrap(client.POST("/api/v1/customers/{id}/activations", { params: byId(id), body: {} }));
export const disconnectCustomer = (id: string) =>
  unwrap(client.POST("/api/v1/customers/{id}/disconnections", { params: byId(id), body: {} }));
export const closeCustomer = (id: string, body: Schema<"CloseCustomerRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/closures", { params: byId(id), body }));
export const restoreCustomer = (id: string) =>
  unwrap(client.POST("/api/v1/customers/{id}/restorations", { params: byId(id), body: {} }));
export const generateBill = (id: string, key: string, body: Schema<"GenerateBillRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/invoices", { params: once(id, key), body }));
export const receivePayment = (id: string, key: string, body: Schema<"ReceivePaymentRequest">) =>
  unwrap(client.POST("/api/v1/customers/{id}/advance-payments", { params: once(id, key), body }));
export const voidInvoice = (id: string, body: Schema<"VoidInvoiceRequest">) =>
  unwrap(client.POST("/api/v1/invoices/{id}/voids", { params: byId(id), body }));

export const releaseCuts = (body: Schema<"ReleaseCutsRequest">) =>
  unwrap(client.POST("/api/v1/held-cuts/releases", { body }));

export const createImport = (body: Schema<"CreateImportRequest">) =>
  unwrap(client.POST("/api/v1/imports", { body }));
export const previewImport = (id: string, body: Schema<"PreviewImportRequest">) =>
  unwrap(client.POST("/api/v1/imports/{id}/previews", { params: byId(id), body }));
export const applyImport = (id: string, body: Schema<"ApplyImportRequest">) =>
  unwrap(client.POST("/api/v1/imports/{id}/applications", { params: byId(id), body }));
export const importResult = (id: string) =>
  unwrap(client.GET("/api/v1/imports/{id}/result.csv", { params: byId(id), parseAs: "text" }));
export const retryJob = (id: string) =>
  unwrap(client.POST("/api/v1/jobs/{id}/retries", { params: byId(id) }));
export const cancelJob = (id: string) =>
  unwrap(client.POST("/api/v1/jobs/{id}/cancellations", { params: byId(id) }));
