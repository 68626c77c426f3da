// From an answer to nodes. Texts become text nodes and nothing else, whatever they hold.

import { cut, figure, safeLink } from "./text.js";

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

/**
 * The nodes that show an answer.
 * @param {object} result what /api/v1/ask gave
 * @param {object} strings the widget's texts in its language
 * @param {boolean} withContacts whether people to ask are shown
 * @param {(event: Event, citation: object) => void} select is told of a click on a passage
 */
export function answerNodes(result, strings, withContacts, select) {
  const nodes = [];
  if (result.answered) {
    const { answer } = result;
    nodes.push(element("p", { class: "answer", part: "answer", lang: answer.language }, answer.text));
    for (const value of answer.values) {
      const text = figure(value, strings);
      nodes.push(text ? element("span", { class: "figure", part: "figure" }, text) : null);
    }
    nodes.push(...result.citations.slice(0, 1).map((citation) => quotation(citation, true, strings, select)));
    if (result.dissent.length) {
      nodes.push(element("p", { class: "note" }, strings.dissent));
    }
    for (const other of result.dissent) {
      nodes.push(element("p", { part: "dissent", lang: other.language }, other.text));
      nodes.push(quotation(other.citation, false, strings, select));
    }
  } else {
    nodes.push(element("p", { class: "answer", part: "answer" }, strings.none));
    nodes.push(element("p", { class: "note" }, strings.nearest));
    nodes.push(
      ...result.citations.slice(0, 3).map((citation) => quotation(citation, false, strings, select)),
    );
  }
  if (withContacts && result.contacts.length) {
    nodes.push(contacts(result.contacts, strings));
  }
  return nodes.filter((node) => node != null);
}
