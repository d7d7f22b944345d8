"use strict";
// Sorting, filtering and paging of the tables in the page. It writes text only, never markup.
(() => {
  const AT_ONCE = 100, IN_PRINT = 2000;
  const shown = {
    whole: (v) => v.toLocaleString("en"),
    score: (v) => v.toFixed(3),
    share: (v) => Math.round(100 * v) + "%",
    number: (v) => String(v),
  };

  // rows as arrays of values: from the data beside a long table, else from its own cells
  function valuesOf(box, kinds) {
    const data = box.querySelector("script[type='application/json']");
    if (data) {
      const columns = JSON.parse(data.textContent).map((column) =>
        column.words ? column.values.map((k) => (k === null ? null : column.words[k])) : column.values);
      return columns.length ? columns[0].map((_, row) => columns.map((column) => column[row])) : [];
    }
    return [...box.querySelectorAll("tbody tr")].map((line) => [...line.cells].map((cell, k) => {
      const text = cell.textContent;
      if (text === "") return null;
      return kinds[k] === "text" ? text : Number(cell.dataset.value);
    }));
  }

  function cellOf(value, kind, long) {
    const cell = document.createElement("td");
    if (value !== null) {
      cell.textContent = kind === "text" ? value : shown[kind](value);
      if (kind !== "text") cell.className = "number";
    }
    if (long) cell.className = "long";
    return cell;
  }

  function browse(box) {
    const heads = [...box.querySelectorAll("thead th")];
    const kinds = heads.map((head) => head.dataset.kind);
    const long = heads.map((head) => head.dataset.long === "yes");
    const all = valuesOf(box, kinds), body = box.querySelector("tbody");
    const tools = box.querySelector(".tools"), note = box.querySelector(".note");
    const [filter] = tools.getElementsByTagName("input");
    const [before, after] = tools.getElementsByTagName("button");
    const count = tools.querySelector("span");
    let rows = all, first = 0, sorted = -1, descending = false;

    function draw(most) {
      const part = rows.slice(first, first + most);
      body.replaceChildren(...part.map((row) => {
        const line = document.createElement("tr");
        line.append(...row.map((value, k) => cellOf(value, kinds[k], long[k])));
        return line;
      }));
      const last = Math.min(first + most, rows.length), of = rows.length.toLocaleString("en");
      count.textContent = rows.length === 0 ? "no rows" :
        `rows ${(first + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${of}`;
      before.disabled = first === 0;
      after.disabled = last >= rows.length;
    }

    function arrange() {
      const wanted = filter.value.toLowerCase().split(" ").filter(Boolean);
      rows = all.filter((row) => {
        const text = row.filter((v) => typeof v === "string").join("\n").toLowerCase();
        return wanted.every((word) => text.includes(word));
      });
      if (sorted >= 0) {
        const way = descending ? -1 : 1;
        rows = rows.map((row, at) => [row, at]).sort(([a, i], [b, j]) => {
          const x = a[sorted], y = b[sorted];
          if (x === null || y === null) return (x === null) - (y === null) || i - j; // blanks last
          if (x === y) return i - j;
          return way * (typeof x === "string" ? x.localeCompare(y) || i - j : x - y);
        }).map(([row]) => row);
      }
      first = 0;
      draw(AT_ONCE);
    }

    heads.forEach((head, k) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => {
        descending = sorted === k && !descending;
        sorted = k;
        heads.forEach((one) => one.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        arrange();
      });
      head.replaceChildren(button);
      // printers repeat the head on every page, but not its buttons
      window.addEventListener("beforeprint", () => head.replaceChildren(button.textContent));
      window.addEventListener("afterprint", () => head.replaceChildren(button));
    });
    filter.addEventListener("input", arrange);
    before.addEventListener("click", () => { first = Math.max(first - AT_ONCE, 0); draw(AT_ONCE); });
    after.addEventListener("click", () => { first += AT_ONCE; draw(AT_ONCE); });
    window.addEventListener("beforeprint", () => { first = 0; draw(IN_PRINT); });
    window.addEventListener("afterprint", () => draw(AT_ONCE));
    tools.hidden = false;
    if (note) note.hidden = true;
    draw(AT_ONCE);
  }

  document.querySelectorAll(".browse").forEach(browse);
})();
