// Suggestions under a search field: an editable combobox with a list (ARIA 1.2), the same on the page and in the widget.

import { element } from "./widget/render.js";
import { cut } from "./widget/text.js";

const PAUSE = 120;

/**
 * Makes a combobox of a search field. Focus stays in the field; what is typed changes only when something is chosen.
 * @param {object} options
 * @param {HTMLInputElement} options.input the field
 * @param {HTMLElement} options.list an empty listbox, under the same root as the field
 * @param {HTMLElement} options.status a live region that says how many there are
 * @param {(typed: string) => URL} options.address where the suggestions for a text are
 * @param {() => {single: string, several: string, kinds: Record<string, string>}} options.strings texts
 * @param {() => void} options.ask asks the question that is in the field
 * @returns {{close: () => void}}
 */
export function suggest({ input, list, status, address, strings, ask }) {
  let suggestions = [];
  let active = -1;
  let timer = 0;
  let controller = null;

  const isOpen = () => !list.hidden;

  /** Drops what is under way: the list stays as it is. */
  function settle() {
    clearTimeout(timer);
    controller?.abort();
  }

  function mark(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[active];
    if (option) {
      option.setAttribute("aria-selected", "true");
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  /** Stops what is under way and takes the list away. */
  function close() {
    settle();
    mark(-1);
    suggestions = [];
    list.hidden = true;
    list.replaceChildren();
    status.textContent = "";
    input.setAttribute("aria-expanded", "false");
  }

  function option(suggestion, index) {
    const words = cut(suggestion.text, 0, suggestion.highlights).map((part) =>
      part.marked ? element("mark", {}, part.text) : part.text,
    );
    const kind = strings().kinds[suggestion.kind];
    return element(
      "li",
      { id: `${list.id}-${index}`, role: "option", "aria-selected": "false", part: "suggestion" },
      element("span", { lang: suggestion.language }, ...words),
      kind ? " " : null,
      kind ? element("span", { class: "kind" }, kind) : null,
    );
  }

  function show(found) {
    mark(-1);
    suggestions = found;
    list.replaceChildren(...found.map(option));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(isOpen()));
    const { single, several } = strings();
    const said = found.length === 1 ? single : several.replace("{count}", found.length);
    status.textContent = found.length ? said : "";
  }

  /** Fetches what fits the field; an answer that comes too late is dropped. */
  async function refresh() {
    settle();
    controller = new AbortController();
    const { signal } = controller;
    try {
      const response = await fetch(address(input.value), { signal, credentials: "omit" });
      const found = response.ok ? (await response.json()).suggestions : [];
      if (!signal.aborted) {
        show(found);
      }
    } catch {
      // Without suggestions the field is a field.
      if (!signal.aborted) {
        show([]);
      }
    }
  }

  function typed(event) {
    settle();
    if (event.isComposing) {
      return;
    }
    if (input.value.trim()) {
      timer = setTimeout(refresh, PAUSE);
    } else {
      close();
    }
  }

  /** A question is asked; the name of a thing goes into the field, and the questions about it come up. */
  function choose(index) {
    const { text, kind } = suggestions[index];
    input.value = text;
    close();
    if (kind === "question") {
      ask();
    } else {
      refresh();
    }
  }

  /** Goes to an option of the list that is seen; a newer list must not take it away under the reader's fingers. */
  function go(event, index) {
    event.preventDefault();
    settle();
    mark(index);
  }

  const keys = {
    ArrowDown(event, last) {
      if (!isOpen()) {
        event.preventDefault();
        refresh();
      } else if (!event.altKey) {
        go(event, active < last ? active + 1 : 0);
      }
    },
    ArrowUp(event, last) {
      if (isOpen()) {
        go(event, active > 0 ? active - 1 : last);
        if (event.altKey) {
          close();
        }
      }
    },
    Home(event) {
      if (active >= 0) {
        go(event, 0);
      }
    },
    End(event, last) {
      if (active >= 0) {
        go(event, last);
      }
    },
    ArrowLeft: () => mark(-1),
    ArrowRight: () => mark(-1),
    Tab: close,
    Enter(event) {
      if (active >= 0) {
        event.preventDefault();
        choose(active);
      } else {
        close();
      }
    },
    Escape(event) {
      if (isOpen()) {
        event.preventDefault();
      }
      close();
    },
  };

  input.addEventListener("input", typed);
  input.addEventListener("compositionend", typed);
  input.addEventListener("keydown", (event) => {
    // 229: a key that an input method has taken; Safari says so after the composition has ended.
    if (!event.isComposing && event.keyCode !== 229 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      keys[event.key]?.(event, suggestions.length - 1);
    }
  });
  input.addEventListener("blur", close);
  // A press in the list, or on its scroll bar, leaves the focus in the field.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("[role=option]");
    if (chosen) {
      choose([...list.children].indexOf(chosen));
    }
  });

  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-controls": list.id,
    "aria-expanded": "false",
  })) {
    input.setAttribute(name, value);
  }
  return { close };
}
