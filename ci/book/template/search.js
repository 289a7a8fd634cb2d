/* Asks the book's index; ci/book/search.py made it, with the same tokens. */
(function () {
  const CJK = "\u3400-\u9fff", AROUND = 90;
  const CHINESE = new RegExp("[" + CJK + "]");
  const list = document.getElementById("found");
  const status = document.getElementById("status");
  const asked = new URLSearchParams(location.search).get("q") || "";
  const index = lunr.Index.load(window.book.index);

  function words(text) {
    const pattern = "[" + CJK + "]+|[\\p{L}\\p{N}_]+";
    return (text.toLowerCase().match(new RegExp(pattern, "gu")) || []).flatMap(
      word => word.split(new RegExp("([" + CJK + "]+)")).filter(Boolean));
  }

  function tokens(word) {
    if (!CHINESE.test(word) || word.length < 2)
      return [word];
    return [...Array(word.length - 1).keys()].map(i => word.slice(i, i + 2));
  }

  function sections(question) {
    return index.query(query => {
      for (const word of words(question)) {
        const alone = word.length === 1 && CHINESE.test(word);
        for (const token of tokens(word))
          query.term(token, {
            presence: lunr.Query.presence.REQUIRED,
            wildcard: alone ? lunr.Query.wildcard.LEADING
              | lunr.Query.wildcard.TRAILING : lunr.Query.wildcard.NONE});
      }
    }).map(result => window.book.sections[result.ref]);
  }

  /* The sentence around the first of the words, which are marked. */
  function excerpt(section, question) {
    const line = document.createElement("p");
    const some = words(question).sort((a, b) => b.length - a.length);
    const pattern = new RegExp("(" + some.map(word =>
      word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|") + ")", "i");
    const at = section.text.search(pattern);
    const from = Math.max(0, at - AROUND);
    const text = (from ? "…" : "") + section.text.slice(
      from, Math.max(at, 0) + 2 * AROUND) + "…";
    text.split(new RegExp(pattern.source, "gi")).forEach((part, i) => {
      const node = document.createElement(i % 2 ? "mark" : "span");
      node.textContent = part;
      line.append(node);
    });
    return line;
  }

  for (const field of document.querySelectorAll("input[name=q]"))
    field.value = asked;
  if (!words(asked).length)
    return;
  const found = sections(asked);
  status.textContent = found.length
    ? status.dataset.found.replace("{}", found.length) : status.dataset.none;
  for (const section of found) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = section.href;
    link.textContent = section.title;
    const chapter = document.createElement("small");
    chapter.textContent = " " + section.chapter;
    item.append(link, chapter, excerpt(section, asked));
    list.append(item);
  }
})();
