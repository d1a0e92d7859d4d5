// Quicker with this file, usable without it: live countdowns, single keys, a warning before typed text is lost.
"use strict";

(function () {
  const body = document.body;
  const MINUTE = 60000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

  // Countdowns: the server's words, kept up to date. Bands as in sla.rs.
  function part(unit, count) { return body.dataset[unit].replace("0", String(count)); }
  function length(ms) {
    const days = Math.floor(ms / DAY), hours = Math.floor(ms % DAY / HOUR), minutes = Math.floor(ms % HOUR / MINUTE);
    if (days) return hours ? part("days", days) + " " + part("hours", hours) : part("days", days);
    if (hours) return minutes ? part("hours", hours) + " " + part("minutes", minutes) : part("hours", hours);
    return part("minutes", minutes);
  }
  function band(left) {
    if (left < 0) return "over";
    if (left < 30 * MINUTE) return "close";
    return left < HOUR ? "soon" : "ok";
  }
  function count() {
    const now = Date.now();
    for (const sla of document.querySelectorAll(".sla[data-due]")) {
      const left = Number(sla.dataset.due) - now;
      const words = sla.querySelector(".sla-words");
      words.textContent = (left < 0 ? body.dataset.over : body.dataset.left).replace("%", length(Math.abs(left)));
      sla.classList.remove("ok", "soon", "close", "over");
      sla.classList.add(band(left));
    }
  }
  if (body.dataset.left) setInterval(count, 15000);

  // A warning before typed text is lost.
  // A form that came back holds what was typed and is not saved.
  let typed = Boolean(document.querySelector("form[data-guarded] .problem"));
  for (const form of document.querySelectorAll("form[data-guarded]")) {
    form.addEventListener("input", function () { typed = true; });
  }
  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-guarded]")) typed = false;
  });
  window.addEventListener("beforeunload", function (event) { if (typed) event.preventDefault(); });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // The first wrong field is where one goes on.
  const wrong = document.querySelector("[aria-invalid=true], .wrong fieldset input");
  if (wrong) wrong.focus();

  // One more line of a table: the last one again, empty, under the next number.
  function addLine(table, lines) {
    const last = lines.rows.length - 1, line = lines.rows[last].cloneNode(true);
    const name = table.dataset.rows + ".", id = table.id + "-";
    for (const part of line.querySelectorAll("[name], [id], [for], [list]")) {
      for (const key of ["name", "id", "for", "list"]) {
        const begin = key === "name" ? name : id, value = part.getAttribute(key);
        if (value && value.startsWith(begin + last)) part.setAttribute(key, begin + (last + 1) + value.slice((begin + last).length));
      }
      if (part.matches("[type=checkbox]")) part.checked = false;
      else if (part.matches("input:not([type=hidden]), textarea, select")) part.value = "";
      part.removeAttribute("aria-invalid");
    }
    for (const problem of line.querySelectorAll(".problem")) problem.remove();
    lines.append(line);
    return line;
  }
  function isBlank(line) {
    const parts = Array.from(line.querySelectorAll("input:not([type=hidden]), textarea, select"));
    return parts.every(function (part) { return part.matches("[type=checkbox]") ? !part.checked : part.value === ""; });
  }
  for (const button of document.querySelectorAll("[data-add-line]")) {
    const table = button.closest("[data-rows]"), lines = table.querySelector("tbody");
    // The empty lines below are for those who cannot add any; one of them is left.
    for (let at = lines.rows.length - 1; at > 0 && isBlank(lines.rows[at]) && isBlank(lines.rows[at - 1]); at--) lines.rows[at].remove();
    button.hidden = false;
    button.addEventListener("click", function () {
      addLine(table, lines).querySelector("input:not([type=hidden]), textarea, select").focus();
      button.hidden = lines.rows.length >= Number(table.dataset.most);
    });
  }

  // Where :has() is not known, the fields of outcomes that are not chosen are hidden here.
  const choices = document.querySelectorAll(".outcome-head input");
  function choose() {
    for (const choice of choices) {
      const fields = choice.closest(".outcome").querySelector(".outcome-fields");
      if (fields) fields.style.display = choice.checked ? "block" : "none";
    }
  }
  if (choices.length && !CSS.supports("selector(:has(*))")) {
    for (const choice of choices) choice.addEventListener("change", choose);
    choose();
  }

  // A diagram that is wider than its place shows first where the record stands.
  for (const place of document.querySelectorAll(".diagram")) {
    const here = place.querySelector(".here");
    if (!here || place.scrollWidth <= place.clientWidth) continue;
    const mark = here.getBoundingClientRect(), box = place.getBoundingClientRect();
    place.scrollLeft += mark.left + mark.width / 2 - box.left - box.width / 2;
  }

  // A menu closes when one looks elsewhere.
  document.addEventListener("click", function (event) {
    for (const menu of document.querySelectorAll("details.me[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
  });

  // Single keys, never inside a field.
  const rows = Array.from(document.querySelectorAll("[data-row]"));
  let at = -1;
  function move(to) {
    if (!rows.length) return;
    if (at >= 0) rows[at].classList.remove("at");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("at");
    rows[at].scrollIntoView({ block: "nearest" });
    const link = rows[at].querySelector("[data-open]");
    if (link) link.focus({ preventScroll: true });
  }
  function press(selector) {
    const place = at >= 0 ? rows[at] : document;
    const found = place.querySelector(selector) || (place === document ? null : document.querySelector("main " + selector));
    if (!found) return false;
    found.click();
    return true;
  }
  const keys = document.getElementById("keys");
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const target = event.target;
    const typing = target.closest && target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (typing) { if (event.key === "Escape") target.blur(); return; }
    if (keys && keys.open) return;
    let done = true;
    switch (event.key) {
      case "j": move(at + 1); break;
      case "k": move(at - 1); break;
      case "c": done = press("[data-claim]"); break;
      case "e": done = at >= 0 ? press("[data-open]") : press("[data-finish]"); break;
      case "g": location.href = "/inbox"; break;
      case "/": { const jump = document.getElementById("jump"); if (jump) jump.focus(); else done = false; break; }
      case "?": if (keys) keys.showModal(); else done = false; break;
      default: {
        const choice = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
        if (choice) { choice.click(); choice.focus(); } else done = false;
      }
    }
    if (done) event.preventDefault();
  });
})();
