// What the pages gain with JavaScript; all of them work without it.

import { suggest } from "./suggest.js";
import { element } from "./widget/render.js";

/** Whether someone is typing somewhere, so that a key is a letter and no shortcut. */
function isTyping(event) {
  const target = event.composedPath()[0];
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("#q");
  if (event.key === "/" && search && !isTyping(event) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const { suggest: label, single, several, ...kinds } = input.dataset;
  const list = element("ul", {
    id: `${input.id}-list`,
    class: "suggestions",
    role: "listbox",
    "aria-label": label,
    hidden: "",
  });
  const status = element("p", { class: "unseen", role: "status" });
  input.after(list, status);
  suggest({
    input,
    list,
    status,
    strings: () => ({ single, several, kinds }),
    address: (typed) => {
      const address = new URL("/api/v1/suggest", location.href);
      address.search = new URLSearchParams({ q: typed, lang: document.documentElement.lang });
      return address;
    },
    ask: () => input.form.requestSubmit(),
  });
}

for (const field of document.querySelectorAll("textarea[data-run]")) {
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      field.form.requestSubmit();
    }
  });
}

for (const note of document.querySelectorAll("[data-script]")) {
  note.hidden = false;
}

/** Shows a word on a button for a moment. */
function tell(button, text) {
  const label = button.dataset.label ?? button.textContent;
  button.dataset.label = label;
  button.textContent = text;
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
}

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy], [data-copy-from]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const { copy, copyFrom, copyUrl, copied, copyFailed } = button.dataset;
      const text = copyFrom ? document.getElementById(copyFrom).textContent : copy;
      const link = copyUrl ? ` ${new URL(copyUrl, location.href)}` : "";
      try {
        await navigator.clipboard.writeText(text + link);
        tell(button, copied);
      } catch {
        tell(button, copyFailed);
      }
    });
  }
}
