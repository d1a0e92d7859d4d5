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
  document.addEventListener("input", function (event) {
    if (event.target.closest("form[data-guarded]")) typed = true;
  });
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
  const wrong = document.querySelector("[aria-invalid=true], .wrong fieldset input, .outcomes[aria-describedby] input");
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
  function prepareLines(button) {
    const table = button.closest("[data-rows]"), lines = table.querySelector("tbody");
    // The empty lines below are for those who cannot add any; one of them is left.
    for (let at = lines.rows.length - 1; at > 0 && isBlank(lines.rows[at]) && isBlank(lines.rows[at - 1]); at--) lines.rows[at].remove();
    button.hidden = false;
    button.addEventListener("click", function () {
      addLine(table, lines).querySelector("input:not([type=hidden]), textarea, select").focus();
      button.hidden = lines.rows.length >= Number(table.dataset.most);
    });
  }
  document.querySelectorAll("[data-add-line]").forEach(prepareLines);

  // Where :has() is not known, the fields of outcomes that are not chosen are hidden here.
  function choices() { return document.querySelectorAll(".outcome-head input"); }
  function choose() {
    for (const choice of choices()) {
      const fields = choice.closest(".outcome").querySelector(".outcome-fields");
      if (fields) fields.style.display = choice.checked ? "block" : "none";
    }
  }
  if (!CSS.supports("selector(:has(*))")) {
    document.addEventListener("change", function (event) { if (event.target.matches(".outcome-head input")) choose(); });
    choose();
  }

  // A canned text goes where the cursor is; without this file it goes to the end, and the page comes back.
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const choice = button.parentElement.querySelector("select"), field = document.getElementById(button.dataset.insert);
    const texts = document.querySelector("[data-texts]");
    const text = texts && Array.from(texts.content.children).find(function (held) { return held.dataset.text === choice.value; });
    event.preventDefault();
    if (!text) { choice.focus(); return; }
    field.focus();
    field.setRangeText(text.textContent, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    choice.value = "";
  });

  // Whom a comment can name: a list that opens at "@". Without this file there is the choice beside it.
  function prepareMentions(field) {
    const list = field.parentElement.querySelector("[role=listbox]"), said = field.parentElement.querySelector("[data-mention-count]");
    let asked = 0, pause = 0, at = -1, begin = -1, left = -1;
    function options() { return list.querySelectorAll("[role=option]"); }
    function close() {
      asked++;
      clearTimeout(pause);
      list.hidden = true;
      at = -1;
      said.textContent = "";
      for (const name of ["aria-controls", "aria-activedescendant", "aria-autocomplete", "aria-haspopup"]) field.removeAttribute(name);
    }
    function choose(to) {
      const all = options();
      at = (to + all.length) % all.length;
      all.forEach(function (option, place) { option.setAttribute("aria-selected", String(place === at)); });
      field.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    }
    function open(text) {
      list.innerHTML = text;
      const count = list.querySelector("[data-count]");
      if (!count) { close(); return; }
      said.textContent = count.textContent;
      count.remove();
      list.hidden = false;
      field.setAttribute("aria-autocomplete", "list");
      field.setAttribute("aria-haspopup", "listbox");
      field.setAttribute("aria-controls", list.id);
      choose(0);
    }
    function take(option) {
      field.focus();
      field.setRangeText(option.dataset.written + " ", begin, field.selectionStart, "end");
      left = begin;
      close();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    // What stands between the last "@" and the cursor, unless the sign is one of an address or was chosen already.
    function begun() {
      const before = field.value.slice(0, field.selectionStart), sign = before.lastIndexOf("@"), name = before.slice(sign + 1);
      if (sign !== left) left = -1;
      const fits = sign >= 0 && sign !== left && name.length <= 30 && !/\n| .* .* |^ /.test(name) && !/[A-Za-z0-9._+-]/.test(before.charAt(sign - 1));
      begin = fits ? sign : -1;
      return name;
    }
    function look() {
      const name = begun(), mine = ++asked;
      clearTimeout(pause);
      if (begin < 0) { close(); return; }
      const audience = field.form.querySelector("[name=audience]:checked");
      const query = new URLSearchParams({ q: name, audience: audience ? audience.value : "public" });
      pause = setTimeout(function () {
        fetch(field.dataset.mention + "?" + query, { credentials: "same-origin" }).then(function (answer) {
          if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
          return answer.text();
        }).then(function (text) { if (mine === asked) open(text); }).catch(function () { if (mine === asked) close(); });
      }, 120);
    }
    field.addEventListener("input", look);
    field.addEventListener("blur", close);
    field.addEventListener("keydown", function (event) {
      if (list.hidden || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      switch (event.key) {
        case "ArrowDown": choose(at + 1); break;
        case "ArrowUp": choose(at - 1); break;
        case "Enter": case "Tab": take(options()[at]); break;
        case "Escape": left = begin; close(); break;
        case "ArrowLeft": case "ArrowRight": case "Home": case "End": close(); return;
        default: return;
      }
      event.preventDefault();
    });
    // The cursor stays in the text.
    list.addEventListener("mousedown", function (event) { event.preventDefault(); });
    list.addEventListener("click", function (event) {
      const option = event.target.closest("[role=option]");
      if (option) take(option);
    });
  }
  document.querySelectorAll("[data-mention]").forEach(prepareMentions);

  // A picture that is larger than its place shows first where the record stands.
  for (const place of document.querySelectorAll(".diagram")) {
    const here = place.querySelector(".here") || place.querySelector(".chain .start");
    if (!here) continue;
    const mark = here.getBoundingClientRect(), box = place.getBoundingClientRect();
    place.scrollLeft += mark.left + mark.width / 2 - box.left - box.width / 2;
    place.scrollTop += mark.top + mark.height / 2 - box.top - box.height / 2;
  }

  // What was refused is seen at once, however far down its form stands.
  const refused = document.querySelector("main .alert.bad[role=alert]");
  if (refused) refused.scrollIntoView({ block: "center" });

  // A menu closes when one looks elsewhere.
  document.addEventListener("click", function (event) {
    for (const menu of document.querySelectorAll("details.me[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
  });

  // What an address names opens.
  function openNamed(name) {
    const part = name && document.getElementById(name);
    if (!part || !part.matches("details")) return false;
    part.open = true;
    part.scrollIntoView({ block: "nearest" });
    const first = part.querySelector("select, input:not([type=hidden]), textarea");
    if (first) first.focus();
    return true;
  }
  openNamed(location.hash.slice(1));

  // The lines of a list, and where one is among them.
  function rows() { return Array.from(document.querySelectorAll("[data-row]")); }
  let at = rows().findIndex(function (row) { return row.classList.contains("peeked"); });
  function move(to) {
    const all = rows();
    if (!all.length) return;
    if (all[at]) all[at].classList.remove("at");
    at = Math.max(0, Math.min(all.length - 1, to));
    all[at].classList.add("at");
    all[at].scrollIntoView({ block: "nearest" });
    const link = all[at].querySelector("[data-open]");
    if (link) link.focus({ preventScroll: true });
    if (isPeeking()) peek(all[at]);
  }
  // Several lines are selected from the one that was selected last: by Shift and a click, or by Shift and keys.
  let picked = -1;
  function pickOf(row) { return row && row.querySelector("[data-pick]"); }
  function pickUpTo(to, wanted) {
    const all = rows(), from = picked >= 0 && picked < all.length ? picked : to;
    if (!pickOf(all[to])) return false;
    for (let line = Math.min(from, to); line <= Math.max(from, to); line++) {
      const pick = pickOf(all[line]);
      if (!pick || pick.checked === wanted) continue;
      pick.checked = wanted;
      pick.dispatchEvent(new Event("change", { bubbles: true }));
    }
    picked = to;
    return true;
  }
  function pickOn(step) {
    if (at < 0) move(0); else { if (picked !== at) picked = at; pickUpTo(at, true); move(at + step); }
    return pickUpTo(at, true);
  }
  document.addEventListener("click", function (event) {
    const pick = event.target.closest("[data-pick]");
    if (!pick) return;
    const line = rows().indexOf(pick.closest("[data-row]"));
    if (event.shiftKey) pickUpTo(line, pick.checked); else picked = line;
  });
  function press(selector) {
    const place = rows()[at] || document;
    const found = place.querySelector(selector) || (place === document ? null : document.querySelector("main " + selector));
    if (!found) return false;
    found.click();
    return true;
  }

  // A task beside the list, fetched as the part of the page that it is.
  const aside = document.getElementById("peek");
  let peeks = 0;
  function isPeeking() { return Boolean(aside) && !aside.hidden; }
  function mayLeave() {
    if (typed && !confirm(body.dataset.leave)) return false;
    typed = false;
    return true;
  }
  function markPeeked(row) {
    for (const held of document.querySelectorAll("tr.peeked")) held.classList.remove("peeked");
    if (row) row.classList.add("peeked");
  }
  function peek(row) {
    const link = row && row.querySelector("[data-peek]");
    if (!aside || !link) return false;
    if (row.classList.contains("peeked") || !mayLeave()) return true;
    const mine = ++peeks;
    fetch("/tasks/" + row.dataset.task + "/peek", { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return answer.text();
    }).then(function (text) {
      if (mine !== peeks) return;
      const part = document.getElementById("peek-part");
      part.innerHTML = text;
      part.querySelectorAll("[data-add-line]").forEach(prepareLines);
      aside.hidden = false;
      aside.parentElement.classList.add("peeking");
      aside.scrollTop = 0;
      markPeeked(row);
      history.replaceState(null, "", link.href);
      if (body.dataset.left) count();
    }).catch(function () { if (mine === peeks) location.href = link.href; });
    return true;
  }
  function unpeek() {
    if (!isPeeking() || !mayLeave()) return;
    peeks++;
    aside.hidden = true;
    aside.parentElement.classList.remove("peeking");
    document.getElementById("peek-part").replaceChildren();
    markPeeked(null);
    history.replaceState(null, "", aside.dataset.close);
  }
  document.addEventListener("click", function (event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("[data-peek], [data-unpeek], [data-sheet]");
    if (!link) return;
    if (link.matches("[data-unpeek]")) unpeek();
    else if (link.matches("[data-sheet]")) { if (!keys) return; keys.showModal(); }
    else {
      const row = link.closest("[data-row]");
      at = rows().indexOf(row);
      if (!peek(row)) return;
    }
    event.preventDefault();
  });

  // Known solutions, looked for while one types; the button does the same where this does not run.
  const known = document.querySelector("form[data-known]");
  if (known) {
    const place = known.querySelector("[data-solutions]");
    let looking = 0, pause = 0, shown = "";
    const look = function () {
      const asked = new URLSearchParams();
      for (const [name, value] of new FormData(known)) {
        if (typeof value === "string" && value && value.length <= 500 && !name.startsWith("_")) asked.append(name, value);
      }
      asked.append("process", known.querySelector("[name=_process]").value);
      const address = "/portal/report/solutions?" + asked, mine = ++looking;
      if (address === shown) return;
      fetch(address, { credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
        return answer.text();
      }).then(function (text) {
        if (mine !== looking) return;
        shown = address;
        // Whoever reads a solution keeps it under the eyes: the same ones stay as they are.
        if (place.dataset.held === text) return;
        place.dataset.held = text;
        if (!place.contains(document.activeElement)) place.innerHTML = text;
      }).catch(function () { known.querySelector("[data-look]").hidden = false; });
    };
    known.querySelector("[data-look]").hidden = true;
    known.addEventListener("input", function () { clearTimeout(pause); pause = setTimeout(look, 400); });
  }

  // What changes meanwhile is told and offered; nothing moves by itself. A page that nobody looks at follows nothing.
  const live = document.querySelector("[data-live]");
  let source = null, writing = false;
  function tell(selector, words) {
    const place = live.querySelector(selector);
    if (place.textContent !== words) place.textContent = words;
    place.parentElement.hidden = !words;
  }
  function follow() {
    if (source) source.close();
    source = new EventSource("/live?" + live.dataset.live + (writing ? "&writing=yes" : ""));
    source.onmessage = function (event) {
      const told = JSON.parse(event.data);
      tell("[data-news]", told.words);
      tell("[data-who]", told.who);
      live.hidden = !told.words && !told.who;
    };
  }
  if (live && window.EventSource) {
    document.addEventListener("visibilitychange", function () {
      if (!document.hidden) follow();
      else if (source) { source.close(); source = null; }
    });
    document.addEventListener("input", function (event) {
      if (writing || !event.target.closest("form[data-guarded]")) return;
      writing = true;
      if (source) follow();
    });
    window.addEventListener("pagehide", function () { if (source) source.close(); });
    if (!document.hidden) follow();
  }

  // Single keys, never inside a field; a person may turn them off.
  const keys = document.getElementById("keys");
  let went = 0;
  function assign() {
    if (isPeeking() || !rows()[at]) return openNamed("assign");
    const link = rows()[at].querySelector("[data-open]");
    if (!link) return false;
    location.href = link.href + "#assign";
    return true;
  }
  // What is ticked is meant together; it is shown before it is done.
  function together(deed) {
    if (!document.querySelector("[data-pick]:checked")) return false;
    const button = document.querySelector("#bulk [name=deed][value=" + deed + "]");
    if (button) button.click();
    return Boolean(button);
  }
  function finish() {
    const first = isPeeking() && aside.querySelector(".outcome-head input, .complete input:not([type=hidden]), .complete textarea");
    if (first) { first.focus(); return true; }
    return press(at >= 0 ? "[data-open]" : "[data-finish]");
  }
  function togglePeek() {
    const row = rows()[at];
    if (!row || !aside) return false;
    if (row.classList.contains("peeked")) unpeek(); else peek(row);
    return true;
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const target = event.target;
    const typing = target.closest && target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
    if (typing) { if (event.key === "Escape") target.blur(); return; }
    if (body.dataset.keys === "off" || (keys && keys.open)) return;
    const gone = went && event.timeStamp - went < 1500;
    went = 0;
    let done = true;
    switch (event.key) {
      case "j": move(at + 1); break;
      case "k": move(at - 1); break;
      case "o": done = press("[data-open]"); break;
      case "p": done = togglePeek(); break;
      case " ": done = !target.closest("button, summary, input") && togglePeek(); break;
      case "Escape": done = isPeeking(); if (done) unpeek(); break;
      case "X": done = event.shiftKey && pickUpTo(at, true); break;
      case "J": done = event.shiftKey && pickOn(1); break;
      case "K": done = event.shiftKey && pickOn(-1); break;
      case "x": { const pick = rows()[at] && rows()[at].querySelector("[data-pick]"); if (pick) pick.click(); else done = false; break; }
      case "c": done = together("claim") || press("[data-claim]"); break;
      case "e": done = together("complete") || finish(); break;
      case "a": done = together("assign") || assign(); break;
      case "s": done = press("[data-snooze]"); break;
      case "w": done = press("[data-watch]"); break;
      case "g": went = event.timeStamp; break;
      case "i": done = gone; if (done) location.href = "/inbox"; break;
      case "/": { const find = document.querySelector("[data-find]") || document.getElementById("jump"); if (find) find.focus(); else done = false; break; }
      case "?": if (keys) keys.showModal(); else done = false; break;
      default: {
        const choice = /^[1-9]$/.test(event.key) ? choices()[Number(event.key) - 1] : undefined;
        if (choice) { choice.click(); choice.focus(); } else done = false;
      }
    }
    if (done) event.preventDefault();
  });
})();
