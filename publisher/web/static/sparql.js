// Puts YASGUI in the place of the plain form; without it, or without JavaScript, the form stays.
"use strict";
(() => {
  const place = document.getElementById("editor");
  if (!place || !window.Yasgui) return;
  const endpoint = new URL(place.dataset.endpoint, location).href;
  const form = document.getElementById("plain");
  const note = document.getElementById("note");
  let vocabulary;
  const known = () => (vocabulary ??= fetch(place.dataset.vocabulary).then((response) => response.json()));

  const Yasqe = window.Yasgui.Yasqe;
  // the ones that come along ask prefix.cc and lov.linkeddata.es
  const complete = (kind, get) => {
    const name = "our-" + kind;
    Yasqe.forkAutocompleter(kind, { name, persistenceId: null, get }, false);
    return name;
  };
  Yasqe.defaults.autocompleters = [
    "variables",
    complete("prefixes", async () => {
      const { prefixes } = await known();
      return Object.entries(prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`);
    }),
    complete("class", async () => (await known()).classes),
    complete("property", async () => (await known()).properties),
  ];

  const yasgui = new window.Yasgui(place, {
    requestConfig: { endpoint, method: "POST" },
    endpointCatalogueOptions: { getData: () => [{ endpoint }], keys: [], renderItem: () => {} },
    copyEndpointOnNewTab: true,
    autofocus: false,
    yasqe: { value: document.getElementById("query").value },
    persistenceId: "sparql " + endpoint,
  });
  form.hidden = true;
  window.yasgui = yasgui;

  // YASGUI's list of tabs holds a button, too, which no list of tabs may: one of our own has the tabs alone
  const list = place.querySelector(".tabsList");
  const tabs = document.createElement("div");
  tabs.setAttribute("role", "tablist");
  tabs.setAttribute("aria-label", place.dataset.tabs);
  list.removeAttribute("role");
  list.before(tabs);
  const tell = () => {
    const found = [...list.querySelectorAll("[role=tab]")];
    found.forEach((tab) => (tab.id ||= "open-" + tab.getAttribute("href").slice(1)));
    tabs.setAttribute("aria-owns", found.map((tab) => tab.id).join(" "));
    for (const [boxes, label] of [["input.autocomplete", "address"], [".CodeMirror textarea", "query"]]) {
      place.querySelectorAll(boxes).forEach((box) => box.setAttribute("aria-label", place.dataset[label]));
    }
    // a long query is scrolled by keys, too
    place.querySelectorAll(".CodeMirror-scroll").forEach((part) => part.setAttribute("tabindex", "0"));
  };
  tell();
  new MutationObserver(tell).observe(place, { childList: true, subtree: true });

  for (const link of document.querySelectorAll("a.example")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const tab = yasgui.getTab();
      tab.setQuery(new URL(link.href).searchParams.get("query"));
      tab.query();
      place.scrollIntoView({ block: "start" });
    });
  }

  yasgui.on("queryResponse", (_, tab) => {
    const results = tab.getYasr().results;
    const links = results?.getAsJson?.()?.head?.link ?? [];
    note.hidden = !links.some((link) => link.endsWith("#CutResult"));
  });
})();
