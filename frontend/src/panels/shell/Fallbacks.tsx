import { Button } from "@mantine/core";
import { Link, useRouter } from "@tanstack/react-router";
import { useExplain } from "@/api/useExplain";
import { useT } from "@/i18n";
import { EmptyState, ErrorState, Loading } from "@/ui/States";

export function NotFound() {
  const t = useT();
  return (
    <EmptyState
      title={t("state.no_such_page")}
      hint={t("state.no_such_page_hint")}
      action={
        <Button component={Link} to="/" variant="default">
          {t("action.go_home")}
        </Button>
      }
    />
  );
}

export function RouteFailed({ error }: { error: unknown }) {
  const router = useRouter();
  const explain = useExplain();
  return <ErrorState message={explain(error).message} onRetry={() => void router.invalidate()} />;
}

export function RoutePending() {
  return <Loading />;
}
