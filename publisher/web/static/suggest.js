// Suggestions for the fields of the search form. Everything works without them.
"use strict";
for (const input of document.querySelectorAll("input[data-suggest]")) {
  const list = document.createElement("datalist");
  list.id = `suggestions-${input.id}`;
  input.after(list);
  input.setAttribute("list", list.id);
  let waiting = 0;
  let asked = "";
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const typed = input.value.trim();
      if (typed.length < 2 || typed === asked) return;
      asked = typed;
      const query = new URLSearchParams({ q: typed, field: input.dataset.field || "" });
      try {
        const response = await fetch(`${input.dataset.suggest.split("?")[0]}?${query}`);
        const [text, found, kinds] = await response.json();
        if (text !== input.value.trim()) return;
        list.replaceChildren(...found.map((value, index) => {
          const option = document.createElement("option");
          option.value = value;
          if (!input.dataset.field) option.label = `${value} (${kinds[index]})`;
          return option;
        }));
      } catch {
        // no suggestions then
      }
    }, 150);
  });
}
