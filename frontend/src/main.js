/** Enhances every textarea[data-editor] of the page. */
import { Editor } from "./editor.js";

for (const textarea of document.querySelectorAll("textarea[data-editor]")) {
  new Editor(textarea);
}
