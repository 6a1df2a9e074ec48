/** Makes a picture smaller before it is sent, where it is more than the server takes or shows. */

const ENOUGH = 3200; // px of the longer side: twice what the site shows at most
const MOST_PIXELS = 12_000_000;
const LIGHT = 3_000_000; // bytes: a JPEG or PNG of so few is sent as it is
const KINDS = { "image/jpeg": "image/jpeg", "image/heic": "image/jpeg", "image/heif": "image/jpeg",
  "image/png": "image/png", "image/webp": "image/webp", "image/avif": "image/webp", "image/bmp": "image/png" };
const made = new WeakMap();

/**
 * A phone's photo has up to 200 million pixels and comes over a slow line to a server of 512 MB.
 * @param {Blob} file
 * @returns {Promise<Blob>} a smaller picture, upright; `file` itself where it need not be smaller
 *   or this browser cannot read it. Animations stay as they are.
 */
export function shrunk(file) {
  if (!made.has(file)) made.set(file, shrink(file).catch(() => file));
  return made.get(file);
}

async function shrink(file) {
  const { type, size } = file;
  if (!KINDS[type] || (size < LIGHT && /jpeg|png/.test(type))) return file;
  const whole = await createImageBitmap(file);
  const { width, height } = whole;
  const taken = !/hei[cf]|bmp/.test(type);
  if (taken && width * height <= MOST_PIXELS) return whole.close(), file;
  const factor = Math.min(1, ENOUGH / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * factor);
  canvas.height = Math.round(height * factor);
  const surface = canvas.getContext("2d");
  surface.imageSmoothingQuality = "high";
  surface.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, KINDS[type], 0.9));
  if (!blob) return file;
  const stem = (file.name || "picture").replace(/\.[^.]*$/, "");
  return new File([blob], `${stem}.${blob.type.split("/")[1]}`, { type: blob.type });
}
