// Conveniences of every page; all of them can be done without.
(() => {
  const root = document.documentElement;
  const THEMES = ["auto", "light", "dark"];

  function themeNow() {
    return root.dataset.theme ?? "auto";
  }

  function remember(theme) {
    try {
      localStorage.setItem("theme", theme);
    } catch {
      // It then lasts as long as the page does.
    }
  }

  for (const button of document.querySelectorAll("button.theme")) {
    const tell = (element) => {
      element.textContent = button.dataset[themeNow()];
      button.title = button.dataset[themeNow()];
    };
    const text = button.querySelector(".unseen");
    tell(text);
    button.hidden = false;
    button.addEventListener("click", () => {
      const next = THEMES[(THEMES.indexOf(themeNow()) + 1) % THEMES.length];
      if (next === "auto") delete root.dataset.theme;
      else root.dataset.theme = next;
      remember(next);
      tell(text);
      // Pictures are drawn in the colours of the page and have to be drawn anew.
      document.dispatchEvent(new CustomEvent("themechange", { detail: { theme: next } }));
    });
  }

  function isTyping(element) {
    return element instanceof HTMLElement && (element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio]), textarea, select"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.account[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const search = document.getElementById("site-search");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });

  function closeMenu(event) {
    for (const menu of document.querySelectorAll("details.account[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  }

  document.addEventListener("click", closeMenu);
  document.addEventListener("focusin", closeMenu);

  // Browsers leave a link cut off as long as they think that enough of it is to be seen.
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(".sections *, .table-scroll *")) target.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
})();
