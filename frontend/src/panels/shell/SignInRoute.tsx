import { SignInPage } from "@/features/auth/SignInPage";
import { AppearanceMenu, LanguageMenu } from "./Preferences";

export function SignInRoute() {
  return <SignInPage tools={<PublicTools />} />;
}

export function PublicTools() {
  return (
    <>
      <LanguageMenu />
      <AppearanceMenu />
    </>
  );
}
