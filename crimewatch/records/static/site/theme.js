// Sets the colours that were chosen before anything is drawn. The admin remembers its choice under the same name.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing gets the colours of the system.
  }
})();
