// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { FormProvider, useForm } from "react-hook-form";
import { beforeAll, describe, expect, it } from "vitest";
import { type Choice, SelectField } from "@/ui/fields";

const sent: unknown[] = [];

function Form({ data }: { data: Choice[] }) {
  const form = useForm({ defaultValues: { zone: "south" } });
  return (
    <MantineProvider>
      <FormProvider {...form}>
        <form onSubmit={(event) => void form.handleSubmit((values) => sent.push(values))(event)}>
          <SelectField name="zone" data={data} />
        </form>
      </FormProvider>
    </MantineProvider>
  );
}

const NORTH = { value: "north", label: "North" };
const SOUTH = { value: "south", label: "South" };

beforeAll(() => {
  const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean };
  environment.IS_REACT_ACT_ENVIRONMENT = true;
  window.matchMedia = ((query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })) as unknown as typeof window.matchMedia;
});

describe("a select", () => {
  it("shows what it sends, whenever its choices arrive", async () => {
    const place = document.createElement("div");
    document.body.append(place);
    const root = createRoot(place);
    const select = () => place.querySelector("select") as HTMLSelectElement;
    const submit = async () => {
      await act(async () => {
        place.querySelector("form")?.requestSubmit();
        await Promise.resolve();
      });
      return sent.at(-1);
    };

    await act(async () => root.render(<Form data={[]} />));
    expect(select().value).toBe("south");
    await act(async () => root.render(<Form data={[NORTH]} />));
    expect(select().value).toBe("south");
    expect(await submit()).toEqual({ zone: "south" });
    await act(async () => root.render(<Form data={[NORTH, SOUTH]} />));
    expect(select().value).toBe("south");
    expect([...select().options].map((option) => option.text)).toEqual(["North", "South"]);
    expect(await submit()).toEqual({ zone: "south" });
    await act(async () => {
      select().value = "north";
      select().dispatchEvent(new Event("change", { bubbles: true }));
    });
    expect(select().value).toBe("north");
    expect(await submit()).toEqual({ zone: "north" });
    await act(async () => root.unmount());
  });
});
