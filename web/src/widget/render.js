// From an answer to nodes. Texts become text nodes and nothing else, whatever they hold.

import { cut, safeLink } from "./text.js";

/** Makes an element with attributes and children; null children are left out. */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null) {
      node.setAttribute(key, value);
    }
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

function link(address, text, onSelect) {
  const href = safeLink(address);
  if (!href) {
    return document.createTextNode(text);
  }
  const outside = href.startsWith("http");
  const node = element(
    "a",
    { href, target: outside ? "_blank" : null, rel: outside ? "noopener" : null },
    text,
  );
  if (onSelect) {
    node.addEventListener("click", onSelect);
  }
  return node;
}

function quotation(citation, marked, strings, select) {
  const words = cut(citation.quote, citation.start, marked ? citation.highlights : []).map((part) =>
    part.marked ? element("mark", { part: "mark" }, part.text) : part.text,
  );
  const page = citation.page_label ? `${strings.page} ${citation.page_label}` : citation.section;
  const place = [citation.document.title, page].join(", ");
  return element(
    "figure",
    { part: "citation" },
    element("blockquote", { part: "quote", lang: citation.language }, ...words),
    element(
      "figcaption",
      { part: "source" },
      element("span", { lang: citation.language }, place),
      " · ",
      link(citation.url, strings.open, (event) => select(event, citation)),
      citation.document.kind === "summary" ? element("p", { class: "note" }, strings.summary) : null,
    ),
  );
}

function similar(questions, strings, ask) {
  const items = questions.map((other) => {
    const node = link(other.url, other.question, (event) => ask(event, other.question));
    return element("li", { lang: other.language }, node);
  });
  return element(
    "div",
    { part: "similar" },
    element("p", { class: "note" }, strings.similar),
    element("ul", {}, ...items),
  );
}

function contacts(people, strings) {
  const ways = people.flatMap((person) => [
    element(
      "p",
      {},
      person.name,
      person.email ? " · " : null,
      person.email ? link(`mailto:${person.email}`, person.email) : null,
      person.telephone ? " · " : null,
      person.telephone ? link(`tel:${person.telephone.replace(/[^+\d]/g, "")}`, person.telephone) : null,
    ),
  ]);
  return element("div", { class: "contact", part: "contact" }, element("p", {}, strings.contact), ...ways);
}

/** Figures as cards; the answer's own that only tells a direction is in its words already, unless there are several. */
function figures(answer, strings, select) {
  const shown = answer.values.filter(
    (value, _, all) => all.length > 1 || value.citation || value.unit || value.direction === "unchanged",
  );
  return shown.map((value) =>
    element(
      "div",
      { class: "figure", part: "figure", lang: answer.language },
      element("b", {}, value.amount),
      element("span", { class: "note" }, value.label),
      value.reservation ? element("q", { class: "note", lang: "nl" }, value.reservation) : null,
      value.citation
        ? link(value.citation.url, strings.open, (event) => select(event, value.citation))
        : null,
    ),
  );
}

function dissent(others, strings, select) {
  const nodes = others.flatMap((other) => [
    element("p", { part: "dissent", lang: other.language }, other.text),
    quotation(other.citation, false, strings, select),
  ]);
  return nodes.length ? [element("p", { class: "note" }, strings.dissent), ...nodes] : [];
}

/** A list or comparison: a row for each finding, its words folded away behind the last cell. */
function collection(result, strings, select) {
  const { title, columns, rows } = result.collection;
  const items = rows.map((row) => {
    const cells = row.cells
      .map((cell, at) => [columns[at], cell])
      .filter(([, cell]) => cell)
      .flatMap(([column, cell]) => [element("dt", {}, column), element("dd", {}, cell)]);
    return element(
      "li",
      { part: "row" },
      element("dl", {}, ...cells),
      element(
        "details",
        {},
        element("summary", {}, row.citation.document.kind === "summary" ? strings.summary : strings.source),
        quotation(row.citation, false, strings, select),
      ),
      ...dissent(row.dissent, strings, select),
    );
  });
  const kind = result.collection.leads ? "answer" : "set";
  return [
    element("p", { id: "set-title", class: kind, part: kind, lang: result.language }, title),
    element(
      "ol",
      // A list without marks is told as one by its role only, in some browsers.
      {
        class: "rows",
        part: "collection",
        role: "list",
        "aria-labelledby": "set-title",
        lang: result.language,
      },
      ...items,
    ),
  ];
}

/**
 * The nodes that show an answer.
 * @param {object} result what /api/v1/ask gave
 * @param {object} strings the widget's texts in its language
 * @param {boolean} withContacts whether people to ask are shown
 * @param {(event: Event, citation: object) => void} select is told of a click on a passage
 * @param {(event: Event, question: string) => void} ask is told of a click on another question
 */
export function answerNodes(result, strings, withContacts, select, ask) {
  const nodes = [];
  if (result.read_as) {
    nodes.push(
      element(
        "p",
        { class: "note", part: "read" },
        `${strings.read} `,
        element("q", { lang: result.question_language }, result.read_as),
      ),
    );
  }
  if (result.collection?.leads) {
    nodes.push(...collection(result, strings, select));
  } else if (result.answered) {
    const { answer } = result;
    nodes.push(element("p", { class: "answer", part: "answer", lang: answer.language }, answer.text));
    if (answer.kind === "passage" && answer.language !== result.language) {
      nodes.push(element("p", { class: "note" }, strings.quoted));
    }
    nodes.push(...figures(answer, strings, select));
    nodes.push(...result.citations.slice(0, 1).map((citation) => quotation(citation, true, strings, select)));
    nodes.push(...dissent(result.dissent, strings, select));
    if (result.collection) {
      nodes.push(...collection(result, strings, select));
    }
  } else {
    nodes.push(element("p", { class: "answer", part: "answer" }, strings.none));
    nodes.push(element("p", { class: "note" }, strings.nearest));
    nodes.push(
      ...result.citations.slice(0, 3).map((citation) => quotation(citation, false, strings, select)),
    );
  }
  if (result.similar?.length) {
    nodes.push(similar(result.similar, strings, ask));
  }
  if (withContacts && result.contacts.length) {
    nodes.push(contacts(result.contacts, strings));
  }
  return nodes.filter((node) => node != null);
}
