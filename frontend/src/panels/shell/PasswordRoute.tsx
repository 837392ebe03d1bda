import { ForcedPasswordPage } from "@/features/auth/ForcedPasswordPage";
import { PublicTools } from "./SignInRoute";

export function PasswordRoute() {
  return <ForcedPasswordPage tools={<PublicTools />} />;
}
