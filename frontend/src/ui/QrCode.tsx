import qrcode from "qrcode-generator";

const QUIET_ZONE = 3;

/** A text as a QR code, always dark on light so that cameras read it in either scheme. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const size = count + 2 * QUIET_ZONE;
  const modules = Array.from({ length: count * count }, (_, at) => ({
    row: Math.floor(at / count),
    column: at % count,
  })).filter(({ row, column }) => code.isDark(row, column));
  const path = modules
    .map(({ row, column }) => `M${column + QUIET_ZONE} ${row + QUIET_ZONE}h1v1h-1z`)
    .join("");
  return (
    <svg viewBox={`0 0 ${size} ${size}`} width={190} height={190} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
