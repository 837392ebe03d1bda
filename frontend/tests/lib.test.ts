import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { forgetsMore, isKeepingTime } from "@/features/settings/retention";
import {
  dateInZone,
  endOfDay,
  formatDateTime,
  instantOf,
  monthsEarlier,
  startOfDay,
  wallClockOf,
} from "@/lib/dates";
import { newIdempotencyKey } from "@/lib/ids";
import { decimalsOf, formatMoney, moneySign, readAmount, withoutSign } from "@/lib/money";
import { blankToNull, compact, numberOrNull } from "@/lib/object";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  octetsOf,
  volumeOf,
} from "@/lib/units";
import { choiceParam, flagParam, innerPath, limitParam, textParam } from "@/lib/url";
import { niceTop } from "@/ui/BarChart";

describe("money", () => {
  const taka = (amount: string) => ({ amount, currency: "BDT" });

  it("groups taka by lakh and crore", () => {
    expect(formatMoney(taka("12345678.50"), "en")).toBe("BDT\u00a01,23,45,678.50");
  });

  it("groups dollars by thousands", () => {
    expect(formatMoney({ amount: "12345678.50", currency: "USD" }, "en")).toBe(
      "USD\u00a012,345,678.50",
    );
  });

  it("writes Bangla digits in Bangla", () => {
    expect(formatMoney(taka("1250.00"), "bn")).toContain("১,২৫০.০০৳");
  });

  it("has the decimals that the server has, not those that a browser shows", () => {
    const source = readFileSync("../crates/domain/src/money.rs", "utf8");
    const table = source.slice(source.indexOf("pub fn exponent"), source.indexOf("_ => 2"));
    const rows = [...table.matchAll(/((?:b"[A-Z]{3}"[ |]*)+)=> (\d)/g)];
    expect(rows).toHaveLength(2);
    for (const [, codes = "", decimals] of rows) {
      for (const [, code = ""] of codes.matchAll(/"([A-Z]{3})"/g)) {
        expect([code, decimalsOf(code)]).toEqual([code, Number(decimals)]);
      }
    }
    expect(decimalsOf("PKR")).toBe(2);
    expect(formatMoney({ amount: "500.50", currency: "PKR" }, "en")).toContain("500.50");
    expect(readAmount("500.50", "PKR")).toEqual({ amount: "500.50" });
  });

  it("keeps every digit of an amount that a float cannot hold", () => {
    expect(formatMoney(taka("90071992547409931.01"), "en")).toBe(
      "BDT\u00a090,07,19,92,54,74,09,931.01",
    );
  });

  it("knows the sign without computing", () => {
    expect(moneySign(taka("-0.01"))).toBe(-1);
    expect(moneySign(taka("0.00"))).toBe(0);
    expect(moneySign(taka("-0.00"))).toBe(0);
    expect(moneySign(taka("3"))).toBe(1);
    expect(withoutSign(taka("-5.00")).amount).toBe("5.00");
  });

  it("reads amounts in the digits and groups of the reader", () => {
    const read = (text: string, currency = "BDT") => readAmount(text, currency);
    for (const [text, amount] of [
      [" 1250 ", "1250"],
      ["1,250.5", "1250.5"],
      ["1,000", "1000"],
      ["1,00,000.50", "100000.50"],
      ["1 000 000", "1000000"],
      ["1\u00a0000", "1000"],
      ["1\u202f000.25", "1000.25"],
      ["১২৫০", "1250"],
      ["৫০০.৫০", "500.50"],
      ["٥٠٠٫٥", "500.5"],
      ["۱٬۲۵۰", "1250"],
      ["१२५०", "1250"],
    ]) {
      expect(read(text as string)).toEqual({ amount });
    }
    expect(read("1.250", "KWD")).toEqual({ amount: "1.250" });
    expect(read("500", "JPY")).toEqual({ amount: "500" });
  });

  it("asks instead of guessing what a comma means", () => {
    for (const [text, proposed, currency] of [
      ["500,00", "500.00", "BDT"],
      ["1,50", "1.50", "BDT"],
      ["12,5", "12.5", "BDT"],
      ["1 000,50", "1000.50", "BDT"],
      ["৫০০,৫০", "500.50", "BDT"],
      // A dinar has a thousand parts: this may be one or a thousand.
      ["1,250", "1.250", "KWD"],
    ]) {
      expect(readAmount(text as string, currency as string)).toEqual({
        refused: "comma",
        proposed,
      });
    }
  });

  it("refuses what is no amount of the currency", () => {
    const wrong = ["", "-5", "+5", "5.", ".5", "12a", "1e3", "1,0000", "10,00", "1.2.3", "1,2,3"];
    for (const text of [...wrong, "9".repeat(13)]) {
      expect(readAmount(text, "BDT")).toHaveProperty("refused");
    }
    expect(readAmount("1.234", "BDT")).toEqual({ refused: "decimals" });
    expect(readAmount("500.5", "JPY")).toEqual({ refused: "decimals" });
  });
});

describe("dates", () => {
  it("shows an instant in the zone of the ISP, not of the browser", () => {
    expect(formatDateTime("2026-11-20T18:30:00Z", "Asia/Dhaka", "en")).toBe("21 Nov 2026, 00:30");
  });

  it("shows an instant that no clock can show as it came", () => {
    const leap = "2027-06-30T23:59:60Z";
    expect(formatDateTime(leap, "Asia/Dhaka", "en")).toBe(leap);
    expect(dateInZone(leap, "Asia/Dhaka")).toBe("");
  });

  it("turns a calendar day of the zone into instants", () => {
    expect(startOfDay("2026-11-21", "Asia/Dhaka")).toBe("2026-11-20T18:00:00Z");
    expect(endOfDay("2026-11-21", "Asia/Dhaka")).toBe("2026-11-21T17:59:59Z");
    expect(dateInZone("2026-11-20T18:30:00Z", "Asia/Dhaka")).toBe("2026-11-21");
  });

  it("is right on the day the clocks change", () => {
    expect(startOfDay("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00Z");
    expect(endOfDay("2026-03-29", "Europe/Berlin")).toBe("2026-03-29T21:59:59Z");
  });
});

describe("units", () => {
  it("chooses the unit of a rate", () => {
    expect(formatRate(512, "en")).toBe("512 kbps");
    expect(formatRate(5_000, "en")).toBe("5 Mbps");
    expect(formatRate(2_500_000, "en")).toBe("2.5 Gbps");
  });

  it("writes volumes and durations", () => {
    expect(formatBytes("999", "en")).toBe("999 B");
    expect(formatBytes("12500000000", "en")).toBe("12.5 GB");
    expect(formatDuration(3_725, "en")).toBe("01:02:05");
    expect(formatDuration(2 * 86_400 + 61, "en")).toBe("2d 00:01:01");
    expect(formatCount(1_234_567, "bn")).toBe("১২,৩৪,৫৬৭");
  });
});

describe("URL state", () => {
  it("drops what a page does not understand", () => {
    expect(choiceParam({ status: "nonsense" }, "status", ["active"])).toBeUndefined();
    expect(choiceParam({ status: "active" }, "status", ["active"])).toBe("active");
    expect(limitParam({ limit: 33 })).toBeUndefined();
    expect(limitParam({ limit: "100" })).toBe(100);
    expect(flagParam({ online: "false" }, "online")).toBe(false);
    expect(flagParam({ online: "maybe" }, "online")).toBeUndefined();
    expect(textParam({ search: 1712345678 }, "search")).toBe("1712345678");
  });

  it("only follows paths inside the application", () => {
    expect(innerPath("/customers?status=active")).toBe("/customers?status=active");
    for (const bad of ["//evil.example", "https://evil.example", "/\\evil.example", undefined]) {
      expect(innerPath(bad)).toBe("/");
    }
  });
});

describe("objects", () => {
  it("drops blanks, keeps false and null", () => {
    expect(compact({ a: undefined, b: "", c: false, d: null, e: 0 })).toEqual({
      c: false,
      d: null,
      e: 0,
    });
    expect(blankToNull("  ")).toBeNull();
    expect(blankToNull(" x ")).toBe("x");
    expect(numberOrNull("")).toBeNull();
    expect(numberOrNull("12")).toBe(12);
  });

  it("makes keys long enough to be unique", () => {
    const keys = new Set(Array.from({ length: 100 }, newIdempotencyKey));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("volumes in forms", () => {
  it("become octets without rounding", () => {
    expect(octetsOf("1.5", "GB")).toBe(1_500_000_000n);
    expect(octetsOf("90071992", "TB")).toBe(90_071_992_000_000_000_000n);
    expect(octetsOf("1,5", "GB")).toBeNull();
    expect(octetsOf("", "GB")).toBeNull();
  });

  it("come back as they were typed", () => {
    expect(volumeOf("1500000000")).toEqual({ amount: "1.5", unit: "GB" });
    expect(volumeOf("20000000000000")).toEqual({ amount: "20", unit: "TB" });
    expect(volumeOf(250_000)).toEqual({ amount: "0.25", unit: "MB" });
  });
});

describe("date and time inputs", () => {
  it("speak the clock of the zone", () => {
    expect(instantOf("2026-11-20T21:30", "Asia/Dhaka")).toBe("2026-11-20T15:30:00Z");
    expect(wallClockOf("2026-11-20T15:30:00Z", "Asia/Dhaka")).toBe("2026-11-20T21:30");
  });
});

describe("the scale of a chart", () => {
  it("ends at a round number above the highest bar", () => {
    expect([0, 3, 17, 55, 900, 1e9].map(niceTop)).toEqual([4, 4, 20, 60, 1000, 1e9]);
  });
});

describe("how long ended sessions are kept", () => {
  it("goes back by calendar months, as the server does", () => {
    expect(monthsEarlier("2026-11-20T06:00:00.000Z", 1)).toBe("2026-10-20T06:00:00.000Z");
    expect(monthsEarlier("2027-03-31T06:00:00.000Z", 1)).toBe("2027-02-28T06:00:00.000Z");
    expect(monthsEarlier("2026-05-31T23:59:59.000Z", 6)).toBe("2025-11-30T23:59:59.000Z");
  });

  it("asks before it forgets more, and only then", () => {
    expect(forgetsMore(null, 12)).toBe(true);
    expect(forgetsMore(12, 6)).toBe(true);
    for (const [saved, wanted] of [
      [12, 12],
      [6, 12],
      [12, null],
      [null, null],
    ] as const) {
      expect(forgetsMore(saved, wanted)).toBe(false);
    }
  });

  it("takes whole months from 1 to 240, or nothing", () => {
    for (const text of ["", " ", "1", "240"]) expect(isKeepingTime(text), text).toBe(true);
    for (const text of ["0", "-1", "1.5", "241", "a"])
      expect(isKeepingTime(text), text).toBe(false);
  });
});
