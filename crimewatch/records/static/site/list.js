// Choices of a list's filters close as a select does: by the Escape key, and when one goes on to something else.
(() => {
  const open = () => document.querySelectorAll("details.choices[open]");

  function closeOthers(event) {
    for (const choices of open()) {
      if (!choices.contains(event.target)) choices.open = false;
    }
  }

  document.addEventListener("click", closeOthers);
  document.addEventListener("focusin", closeOthers); // or they would cover what the Tab key comes to next

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const choices of open()) {
      choices.open = false;
      choices.querySelector("summary").focus();
    }
  });
})();
