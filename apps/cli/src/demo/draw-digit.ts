const SHADES = ' .:-=+*#@';
const SIDE = 8;
const MAX_INK = 16;

/** An 8×8 image as eight lines of text, two characters a pixel so that it is about square. */
export function drawDigit(pixels: Uint8Array): string[] {
  return Array.from({ length: SIDE }, (_, row) =>
    Array.from(pixels.subarray(row * SIDE, (row + 1) * SIDE), (ink) => {
      const shade = SHADES[Math.round((Math.min(ink, MAX_INK) / MAX_INK) * (SHADES.length - 1))]!;
      return shade + shade;
    }).join(''),
  );
}
