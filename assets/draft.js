// Keeps what is typed into a long form, a moment after the last key. Without this a button does.
const PAUSE = 2500;
document.querySelectorAll("form[data-draft]").forEach((form) => {
  const status = form.querySelector("[data-draft-status]");
  const read = () => new URLSearchParams(new FormData(form)).toString();
  let saved = read();
  let timer = 0;
  let sent = false;
  const say = (text) => { if (status) status.textContent = text; };
  const save = async () => {
    clearTimeout(timer);
    const body = read();
    if (sent || body === saved) return;
    try {
      const answer = await fetch("/drafts", {
        method: "POST",
        body: new URLSearchParams(body),
        headers: { accept: "application/json" },
        keepalive: body.length < 60000,
      });
      const told = await answer.json().catch(() => null);
      if (answer.ok) saved = body;
      say(told && told.text ? told.text : "草稿没有存上，请先不要离开本页。");
    } catch {
      say("暂时存不上草稿，继续填写时会再试。");
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", () => { sent = true; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
});
