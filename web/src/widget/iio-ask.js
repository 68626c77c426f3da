// <iio-ask>: the search on any page. No dependencies, no storage, no inline style, nothing from elsewhere.

import { suggest } from "../suggest.js";
import { answerNodes, element } from "./render.js";
import { STRINGS } from "./strings.js";
import styles from "./styles.css";

const HOME = new URL(import.meta.url).origin;
const KEY_EVENTS = ["keydown", "keyup", "keypress"];

/** An error with a sentence for the visitor. */
class Told extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * Attributes: `endpoint`, `lang` (nl, en), `answer-lang`, `placeholder`, `theme` (auto, light, dark), `contact` (none hides it).
 * Events, all bubbling and composed: `iio-ask:result` {question, answer}, `iio-ask:error` {status, message},
 * `iio-ask:select` {url, citation}, which can be cancelled.
 */
class IioAsk extends HTMLElement {
  static observedAttributes = ["lang", "placeholder", "theme"];

  #root = this.attachShadow({ mode: "open" });
  #asked = 0;
  #controller = null;
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #label = element("label", { for: "question", part: "label" });
  #input = element("input", {
    id: "question",
    type: "search",
    part: "input",
    autocomplete: "off",
    enterkeyhint: "search",
    maxlength: "1000",
  });
  #button = element("button", { part: "button" });
  #list = element("ul", { id: "list", class: "list", part: "suggestions", role: "listbox", hidden: "" });
  #count = element("p", { class: "unseen", role: "status" });
  #status = element("p", { class: "status", part: "status", role: "status" });
  #output = element("div", { class: "output", tabindex: "-1" });
  #box;
  #suggestions;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    this.#root.adoptedStyleSheets = [sheet];
    const form = element(
      "form",
      { part: "form", role: "search" },
      this.#label,
      element(
        "div",
        { class: "row" },
        element("div", { class: "field" }, this.#input, this.#list, this.#count),
        this.#button,
      ),
    );
    this.#box = element("div", { class: "box" }, form, this.#status, this.#output);
    this.#root.append(this.#box);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask(this.#input.value);
    });
    this.#suggestions = suggest({
      input: this.#input,
      list: this.#list,
      status: this.#count,
      strings: () => this.#strings,
      address: (typed) => this.#address("suggest", typed, this.#box.lang),
      ask: () => this.ask(this.#input.value),
    });
    this.#input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) {
        this.clear();
      }
    });
    // Shortcuts of the page around must not fire while someone types in here.
    for (const name of KEY_EVENTS) {
      this.#root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.#dark.addEventListener("change", () => this.#dress());
  }

  connectedCallback() {
    this.#dress();
  }

  attributeChangedCallback() {
    this.#dress();
  }

  disconnectedCallback() {
    this.#controller?.abort();
  }

  get #strings() {
    const spoken = this.getAttribute("lang") || this.closest("[lang]")?.getAttribute("lang") || "nl";
    return STRINGS[spoken.slice(0, 2).toLowerCase()] ?? STRINGS.nl;
  }

  #dress() {
    const strings = this.#strings;
    const theme = this.getAttribute("theme");
    this.#label.textContent = strings.label;
    this.#button.textContent = strings.button;
    this.#list.setAttribute("aria-label", strings.suggestions);
    this.#input.placeholder = this.getAttribute("placeholder") ?? strings.placeholder;
    this.#box.lang = strings === STRINGS.en ? "en" : "nl";
    this.#box.classList.toggle("dark", theme === "dark" || (theme !== "light" && this.#dark.matches));
  }

  /** Empties the field and takes the answer away. */
  clear() {
    this.#controller?.abort();
    this.#asked += 1;
    this.#input.value = "";
    this.#show("", []);
  }

  /**
   * Asks a question; the newest one wins, however late older answers come.
   * @param {string} question
   */
  async ask(question) {
    const asked = question.trim();
    if (!asked) {
      return;
    }
    this.#asked += 1;
    const turn = this.#asked;
    this.#controller?.abort();
    this.#suggestions.close();
    this.#controller = new AbortController();
    this.#input.value = question;
    this.#show(this.#strings.busy, []);
    this.#output.setAttribute("aria-busy", "true");
    try {
      const answer = await this.#fetch(asked, this.#controller.signal);
      if (turn === this.#asked) {
        const withContacts = this.getAttribute("contact") !== "none";
        const select = (event, citation) => this.#select(event, citation);
        const another = (event, other) => this.#askAnother(event, other);
        const strings = this.#strings;
        this.#show(
          answer.answered ? strings.answered : strings.none,
          answerNodes(answer, strings, withContacts, select, another),
        );
        this.#tell("result", { question: asked, answer });
      }
    } catch (error) {
      if (turn === this.#asked && error.name !== "AbortError") {
        const message = error instanceof Told ? error.message : this.#strings.offline;
        this.#show("", [element("p", { part: "error", role: "alert" }, message)]);
        this.#tell("error", { status: error.status ?? 0, message });
      }
    }
  }

  #address(door, question, language) {
    const address = new URL(`/api/v1/${door}`, this.getAttribute("endpoint") || HOME);
    address.searchParams.set("q", question);
    if (language) {
      address.searchParams.set("lang", language);
    }
    return address;
  }

  async #fetch(question, signal) {
    const response = await fetch(this.#address("ask", question, this.getAttribute("answer-lang")), {
      signal,
      credentials: "omit",
      referrerPolicy: "strict-origin-when-cross-origin",
    });
    if (response.ok) {
      return response.json();
    }
    if (response.status === 429) {
      throw new Told(this.#strings.many, 429);
    }
    const problem = await response.json().catch(() => ({}));
    throw new Told(problem.detail ?? this.#strings.failed, response.status);
  }

  #show(status, nodes) {
    this.#status.textContent = status;
    this.#output.removeAttribute("aria-busy");
    this.#output.replaceChildren(...nodes);
  }

  /** A plain click asks here; one that opens a tab goes to the site. */
  #askAnother(event, question) {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      // The link goes with the answer it stood under; the focus must not go with it.
      this.#output.focus();
      this.ask(question);
    }
  }

  #select(event, citation) {
    if (!this.#tell("select", { url: citation.url, citation })) {
      event.preventDefault();
    }
  }

  #tell(name, detail) {
    const event = new CustomEvent(`iio-ask:${name}`, {
      detail,
      bubbles: true,
      composed: true,
      cancelable: name === "select",
    });
    return this.dispatchEvent(event);
  }
}

if (!customElements.get("iio-ask")) {
  customElements.define("iio-ask", IioAsk);
}
