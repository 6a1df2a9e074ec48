// A notice that its sender lets readers hide stays hidden in this browser. Without script it just stays.
for (const notice of document.querySelectorAll("[data-dismissible]")) {
  const key = "notice:" + notice.dataset.dismissible;
  const button = notice.querySelector("button");
  try {
    notice.hidden = localStorage.getItem(key) === notice.textContent.length.toString();
    button.hidden = false;
    button.addEventListener("click", () => {
      localStorage.setItem(key, notice.textContent.length.toString());
      notice.hidden = true;
    });
  } catch {
    // No storage (private mode): the notice cannot be hidden for good, so it is not hidden at all.
  }
}
