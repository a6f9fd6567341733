// Comforts on top of pages that work without any of this.
const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
const one = (selector, root = document) => root.querySelector(selector);

// Errors first: the summary takes the focus, its links put it into the field.
const errors = one("[data-errors]");
if (errors) errors.focus();
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-errors] a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.scrollIntoView({ block: "center" });
});

// One key to the search box; it can be switched off (WCAG 2.1.4).
const KEY = "juncai-shortcuts";
const shortcuts = () => {
  try { return localStorage.getItem(KEY) !== "off"; } catch { return true; }
};
const toggle = one("[data-shortcuts]");
if (toggle) {
  const show = () => { toggle.textContent = `快捷键 / ：${shortcuts() ? "开" : "关"}`; };
  toggle.hidden = false;
  show();
  toggle.addEventListener("click", () => {
    try { localStorage.setItem(KEY, shortcuts() ? "off" : "on"); } catch { /* private window */ }
    show();
  });
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = one("[data-search]");
  if (!box || !shortcuts()) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// A form is sent once; the server would notice a second one, the person need not wonder.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  all("button", form).forEach((button) => button.setAttribute("aria-disabled", "true"));
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  all("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    all("button", form).forEach((button) => button.removeAttribute("aria-disabled"));
  });
});

// Printing.
all("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

window.addEventListener("beforeprint", () => {
  all("details").forEach((details) => { details.open = true; });
});

// Name and size of the chosen file.
all("[data-file]").forEach((input) => {
  const note = document.createElement("p");
  note.className = "hint";
  note.setAttribute("role", "status");
  input.after(note);
  input.addEventListener("change", () => {
    const file = input.files[0];
    note.textContent = file ? `已选择 ${file.name}，${Math.ceil(file.size / 1024)} KB` : "";
  });
});

// Choose every row, and say how many are chosen.
all("[data-choose]").forEach((form) => {
  const boxes = all("input[type=checkbox][data-row]", form);
  const every = one("[data-all]", form);
  const count = one("[data-count]", form);
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = `已选 ${chosen} 项`;
    if (every) {
      every.checked = chosen === boxes.length;
      every.indeterminate = chosen > 0 && chosen < boxes.length;
    }
  };
  if (every) every.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = every.checked; });
    show();
  });
  form.addEventListener("change", show);
  show();
});

// A computation under way: ask every two seconds, reload at the end.
const run = one("[data-progress]");
if (run) {
  const bar = one("progress", run);
  const text = one("[data-progress-text]", run);
  const ask = async () => {
    try {
      const answer = await fetch(run.dataset.progress, { headers: { accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      bar.max = Math.max(now.total, 1);
      bar.value = now.done;
      text.textContent = `已核定 ${now.done} / ${now.total} 人`;
      ["eligible", "ineligible", "changed", "adjusted"].forEach((name) => {
        const cell = one(`[data-live=${name}]`, run);
        if (cell && now[name] !== undefined) cell.textContent = now[name];
      });
      if (now.state !== "running" && now.state !== "queued") { location.reload(); return; }
    } catch {
      text.textContent = "暂时读不到进度，正在重试";
    }
    setTimeout(ask, 2000);
  };
  ask();
}
