// Texts from the server: offsets count code points, where JavaScript counts UTF-16 units.

/**
 * Cuts a quotation into marked and unmarked parts.
 * @param {string} quote
 * @param {number} start where the quotation begins in its document, in code points
 * @param {[number, number][]} highlights ranges of the document, in code points
 * @returns {{text: string, marked: boolean}[]}
 */
export function cut(quote, start, highlights) {
  const characters = Array.from(quote);
  const parts = [];
  let position = 0;
  const add = (end, marked) => {
    if (end > position) {
      parts.push({ text: characters.slice(position, end).join(""), marked });
      position = end;
    }
  };
  for (const [from, to] of [...highlights].sort((a, b) => a[0] - b[0])) {
    const low = Math.max(from - start, position);
    const high = Math.min(to - start, characters.length);
    if (high > low) {
      add(low, false);
      add(high, true);
    }
  }
  add(characters.length, false);
  return parts;
}

/** The address if it is one that a link may lead to, else null. */
export function safeLink(address) {
  try {
    const url = new URL(address);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
