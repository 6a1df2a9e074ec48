/** What becomes of each <img>: kept, uploaded, turned into text, or counted as unreadable. */
import { ownPath } from "./links.js";
import { picturesFromRtf } from "./rtf.js";

const UPLOADABLE = /^data:image\/(png|jpe?g|gif|webp|avif|bmp);base64,/i;
const EMOJI_ALT = /^(\p{Extended_Pictographic}|\p{Emoji_Component}){1,8}$/u;

/**
 * @returns {{dataImages: string[], unreadable: number, place: (img: Element) => (Element|string|null)}}
 *   place: the clean image, text to stand for it, or null when it is left out
 */
export function makePictures(body, { origin, rtf, first }) {
  const fromRtf = matchRtf(body, rtf);
  const pictures = { dataImages: [], unreadable: 0 };
  pictures.place = (img) => {
    const src = (img.getAttribute("src") || "").trim();
    const alt = img.getAttribute("alt");
    if (alt && EMOJI_ALT.test(alt.trim()) && /\p{Extended_Pictographic}/u.test(alt)) return alt;
    if (isTracker(img)) return null;
    const data = UPLOADABLE.test(src) ? src : fromRtf.get(img);
    if (data) {
      pictures.dataImages.push(data);
      return image(img, { "data-upload": String(first + pictures.dataImages.length - 1) });
    }
    const own = ownPath(src, origin);
    if (own) return image(img, { src: own });
    pictures.unreadable += 1;
    return null;
  };
  return pictures;
}

/** Pairs Word's "file:" images with the RTF's pictures, only when their number agrees. */
function matchRtf(body, rtf) {
  const wanted = Array.from(body.querySelectorAll("img[src^='file:' i]"));
  const pictures = rtf && wanted.length ? picturesFromRtf(rtf) : [];
  if (pictures.length !== wanted.length) return new Map();
  return new Map(wanted.map((img, i) => [img, pictures[i]]));
}

function isTracker(img) {
  const size = (name) => Number.parseInt(img.getAttribute(name) || "", 10);
  return size("width") <= 2 || size("height") <= 2;
}

function image(from, attributes) {
  const img = from.ownerDocument.createElement("img");
  for (const [name, value] of Object.entries(attributes)) img.setAttribute(name, value);
  if (from.hasAttribute("alt")) img.setAttribute("alt", from.getAttribute("alt").normalize("NFC"));
  for (const name of ["width", "height"]) {
    const value = from.getAttribute(name) || "";
    if (attributes.src && /^\d{1,5}$/.test(value)) img.setAttribute(name, value);
  }
  return img;
}
