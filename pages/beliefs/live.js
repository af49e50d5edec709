// @ts-check
// The levers of the Beliefs page, and all that moves under the finger: figures, flow and table.
//
// No equation of the model is here: a lever's answer is the engine's, sent ahead for each step of the levers in sight or
// said by the server for where they stand. Words and formats of numbers come as data, colours from the theme. The page
// holds the component in several places, which share this module and so one state.

/**
 * @typedef {{ minus: string, thousands: string, decimal: string, percent: string, units: [number, number, string][] }} Formats
 * @typedef {{ id: string, label: string, note: string, low: number, high: number, step: number, shown: string }} Lever
 * @typedef {{ label: string, segment: string, whole: boolean, on: boolean, names: number, hue: number,
 *   observed: number, observed_log: number }} Row
 * @typedef {Row & { modelled: number, miss: number, contribution: number }} Moved
 * @typedef {{ total: number, moves: number[], costs: number[] }} Answer
 * @typedef {{ values: number[], total: number[], moves: number[][], costs: number[][] }} Steps
 * @typedef {Record<string, number>} Values
 *
 * @typedef {{ place: "levers", levers: Lever[], rows: Row[], at: Values, now: Answer, seen: number, replay: number,
 *   capital: number, currency: string | null, words: Record<string, string>, formats: Formats }} Said
 * @typedef {{ place: "ahead", at: Values, scale: number, levers: Record<string, Steps> }} Ahead
 * @typedef {{ place: "figures", figures: { label: string, note: string, shown: string }[] }} Figures
 * @typedef {{ place: "flow" }} Flow
 * @typedef {{ place: "table", label: string, heads: string[], lines: { segment: string, whole: boolean, observed: string, names: number }[] }} Table
 * @typedef {Said | Ahead | Figures | Flow | Table} Data
 *
 * @typedef {{ said: Said, answer: Answer | null, rows: Moved[] }} Scene
 * @typedef {(scene: Scene) => void} Draw
 * @typedef {(name: string, value: unknown) => void} Send
 * @typedef {{ data: Data, parentElement: ParentNode, setStateValue: Send }} Component
 * @typedef {{ ink: string, quiet: string, grid: string, ground: string, hues: string[], family: string }} Theme
 */

const NS = "http://www.w3.org/2000/svg";
const ROW = 20, TOP = 26, TOO_SMALL = 0.00005;
const AGREED = 1e-7; // what was drawn ahead and what the server then says differ by less

/** What the server said last, what it sent ahead, and what was moved since: lever → value, and its number once sent.
 * @type {{ said: Said | null, ahead: Ahead | null, moved: Map<string, { value: number, serial: number }>,
 *   drawn: { at: Values, answer: Answer } | null, places: Map<string, { holder: Element, draw: Draw }> }} */
const page = { said: null, ahead: null, moved: new Map(), drawn: null, places: new Map() };

/** @param {Component} component */
export default function ({ data, parentElement, setStateValue }) {
  const holder = /** @type {HTMLElement} */ (parentElement.querySelector(".live"));
  if (data.place === "levers") answered(data);
  if (data.place === "ahead") page.ahead = data;
  page.places.set(data.place, { holder, draw: build(holder, data, setStateValue) });
  draw();
  return () => {
    if (page.places.get(data.place)?.holder !== holder) return;
    page.places.delete(data.place);
    if (data.place === "levers") Object.assign(page, { said: null, ahead: null, moved: new Map(), drawn: null });
  };
}

/** @param {HTMLElement} holder @param {Data} data @param {Send} send @returns {Draw} */
function build(holder, data, send) {
  switch (data.place) {
    case "figures": return figures(holder, data);
    case "levers": return sliders(holder, data, send);
    case "flow": return flow(holder);
    case "table": return table(holder, data);
    case "ahead": holder.dataset.ahead = ""; return () => {};
  }
}

/** Take what the server says of the levers it has seen; it must be what was drawn ahead of it. @param {Said} said */
function answered(said) {
  page.said = said;
  for (const [lever, { serial }] of page.moved) if (serial && serial <= said.seen) page.moved.delete(lever);
  const { drawn } = page;
  if (drawn && sameAt(drawn.at, said.at) && !agree(drawn.answer, said.now)) {
    console.error("drawn ahead", JSON.stringify(drawn.answer), "the server says", JSON.stringify(said.now));
  }
  page.drawn = null;
}

/** @param {Values} a @param {Values} b @param {string} [but] */
const sameAt = (a, b, but) => Object.entries(a).every(([lever, at]) => lever === but || Math.abs(at - b[lever]) < 1e-9);

/** @param {Answer} a @param {Answer} b */
function agree(a, b) {
  const all = (/** @type {Answer} */ { total, moves, costs }) => [total, ...moves, ...costs], others = all(b);
  return all(a).every((each, n) => Math.abs(each - others[n]) < AGREED);
}

function draw() {
  const { said } = page;
  if (!said) return;
  const moved = [...page.moved].filter(([lever, { value }]) => value !== said.at[lever]);
  const [lever, { value }] = moved[0] ?? ["", { value: 0 }];
  // With more than one moved since, the server's answer is waited for.
  const answer = !moved.length ? said.now : moved.length === 1 ? ahead(said, lever, value) : null;
  if (answer && moved.length) page.drawn = { at: { ...said.at, [lever]: value }, answer };
  const rows = !answer ? [] : said.rows.map((row, n) => ({
    ...row, modelled: Math.expm1(answer.moves[n]), miss: answer.moves[n] - row.observed_log, contribution: answer.costs[n],
  }));
  for (const place of page.places.values()) place.draw({ said, answer, rows });
}

/** Give what the engine said of a lever's value, if all the others stood then where they stand now.
 * @param {Said} said @param {string} lever @param {number} value @returns {Answer | null} */
function ahead(said, lever, value) {
  const sent = page.ahead, own = sent?.levers[lever];
  if (!sent || !own || !sameAt(sent.at, said.at, lever)) return null;
  const at = own.values.findIndex((each) => Math.abs(each - value) < 1e-6);
  const fraction = (/** @type {number} */ whole) => whole / sent.scale;
  return at < 0 ? null : { total: fraction(own.total[at]), moves: own.moves[at].map(fraction), costs: own.costs[at].map(fraction) };
}

// Words and numbers

/** Write a number as the server does. @param {Formats} as @param {number} value @param {number} digits @param {boolean} [signed] */
function number(as, value, digits, signed) {
  const [whole, part] = Math.abs(value).toFixed(digits).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, as.thousands) + (part ? as.decimal + part : "");
  return (/[1-9]/.test(text) ? (value < 0 ? as.minus : signed ? "+" : "") : "") + text;
}

/** @param {Formats} as @param {number} value @param {number} [digits] @param {boolean} [signed] */
export const percent = (as, value, digits = 2, signed = true) => number(as, 100 * value, digits, signed) + as.percent;

/** @param {Formats} as @param {number} value @param {string} currency */
export function shortMoney(as, value, currency) {
  const [, by, unit] = as.units.find(([from]) => Math.abs(value) >= from) ?? [0, 1, ""];
  const scaled = value / by;
  return [number(as, scaled, unit && Math.abs(scaled) < 1000 ? 1 : 0, true), unit, currency].filter(Boolean).join(" ");
}

/** Fill a message's placeholders, written as the catalogues have them: `{share:percent.1}`.
 * @param {Formats} as @param {string} template @param {Record<string, any>} values */
export function fill(as, template, values) {
  return template.replace(/\{(\w+)(?::(\w+)(?:\.(\d+))?)?\}/g, (_, name, kind, digits) => {
    const value = values[name];
    if (kind === "number") return number(as, value, Number(digits ?? 0));
    return kind ? percent(as, value, Number(digits ?? 2), kind === "signed") : String(value);
  });
}

/** @template {keyof HTMLElementTagNameMap} Name @param {Name} name @param {Record<string, string>} attributes @param {(Node | string)[]} inside */
function element(name, attributes, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

// Figures

/** @param {HTMLElement} holder @param {Figures} data @returns {Draw} */
function figures(holder, { figures }) {
  const values = figures.map(() => element("p", {}));
  holder.replaceChildren(element("div", { class: "live-head" }, ...figures.map(({ label, note }, n) => {
    const mark = element("span", { class: "live-mark", tabindex: "0", role: "note", "aria-label": note, title: note }, "?");
    return element("div", {}, element("p", {}, `${label} `, ...(note ? [mark] : [])), values[n]);
  })));
  return ({ said, answer }) => {
    if (!answer) return;
    const { total } = answer, pnl = said.currency === null ? "" : shortMoney(said.formats, total * said.capital, said.currency);
    const known = { total, replay: said.replay, gap: total - said.replay, pnl };
    figures.forEach(({ shown }, n) => { values[n].textContent = fill(said.formats, shown, known); });
  };
}

// Levers

/** Draw the sliders; those that stand already stay, with the focus that one of them may have.
 * @param {HTMLElement} holder @param {Said} data @param {Send} send @returns {Draw} */
function sliders(holder, { levers }, send) {
  const names = levers.map((lever) => lever.id).join();
  if (holder.dataset.levers !== names) {
    holder.replaceChildren(...levers.map(slider));
    holder.dataset.levers = names;
  }
  levers.forEach(({ id, label, note }, n) => {
    const { name, says, input } = parts(holder.children[n]);
    name.textContent = label;
    says.textContent = note;
    input.oninput = () => {
      page.moved.set(id, { value: Number(input.value), serial: 0 });
      draw();
    };
    // Released, or moved by a key: all that was moved and not answered goes along, since a later message replaces an earlier.
    input.onchange = () => {
      const serial = Date.now();
      page.moved.set(id, { value: Number(input.value), serial });
      send("moved", { serial, levers: Object.fromEntries([...page.moved].map(([lever, { value }]) => [lever, value])) });
    };
  });
  return ({ said }) => said.levers.forEach(({ id, low, high, shown }, n) => {
    const { input, value } = parts(holder.children[n]), at = page.moved.get(id)?.value ?? said.at[id];
    const written = fill(said.formats, shown, { value: at });
    if (!page.moved.has(id)) input.value = String(at);
    input.style.setProperty("--live-at", `${(100 * (at - low)) / (high - low)}%`);
    input.setAttribute("aria-valuetext", written);
    value.textContent = written;
  });
}

/** @param {Lever} lever */
function slider({ id, low, high, step }) {
  const range = { type: "range", min: String(low), max: String(high), step: String(step) };
  return element("div", { class: "live-lever" },
    element("label", { for: `lever-${id}` }), element("output", { for: `lever-${id}` }),
    element("input", { id: `lever-${id}`, "aria-describedby": `lever-${id}-note`, ...range }),
    element("p", { id: `lever-${id}-note` }));
}

/** @param {Element} lever */
function parts(lever) {
  const [name, value, input, says] = lever.children;
  return { name, value, input: /** @type {HTMLInputElement} */ (input), says };
}

// Flow

/** @param {HTMLElement} holder @returns {Draw} */
function flow(holder) {
  if (!holder.firstChild) {
    holder.append(element("h3", {}), element("div", { class: "live-flow", role: "img" }));
    let width = holder.clientWidth;
    new ResizeObserver(() => { if (width !== (width = holder.clientWidth)) draw(); }).observe(holder); // it goes with its holder
  }
  const [heading, picture] = holder.children, theme = themed(holder);
  return ({ said, answer, rows }) => {
    if (!answer) return;
    const { words, formats } = said, write = (/** @type {string} */ word, /** @type {object} */ values) => fill(formats, words[word], values);
    const most = furthest(rows.filter((row) => row.whole && row.on), (row) => row.modelled);
    heading.textContent = write(Math.abs(most.modelled) < TOO_SMALL ? "nothing-moves" : "finding", most);
    picture.setAttribute("aria-label", write("flow", { links: rows.filter((row) => row.whole).map((row) => write("flow-link", row)).join(", ") }));
    picture.replaceChildren(drawn(rows, picture.clientWidth, theme, formats, write));
    const bars = { visible: true, type: "bar", labels: rows.map((row) => row.segment) };
    // What a download of the numbers holds.
    Object.assign(picture, { traces: [
      { ...bars, name: "beliefs", x: rows.map((row) => row.modelled) }, { ...bars, name: "replay", x: rows.map((row) => row.observed) },
    ] });
    Object.assign(/** @type {HTMLElement} */ (picture).dataset, { seen: said.seen, drawn: answer === said.now ? "server" : "ahead" });
  };
}

/** @param {Moved[]} rows @param {(row: Moved) => number} of */
const furthest = (rows, of) => rows.reduce((best, row) => (Math.abs(of(row)) > Math.abs(of(best)) ? row : best));

/** Read the theme, as plain colours: the picture is downloaded too, where no variable is known.
 * @param {Element} holder @returns {Theme} */
function themed(holder) {
  const style = getComputedStyle(holder), of = (/** @type {string} */ name) => style.getPropertyValue(`--st-${name}`).trim();
  return {
    ink: of("text-color"), quiet: of("dataframe-header-text-color"), grid: of("border-color"), ground: of("background-color"),
    hues: of("chart-categorical-colors").split(",").map((each) => each.trim()), family: style.fontFamily,
  };
}

/** Mix two colours `#rrggbb`. @param {string} one @param {string} other @param {number} share */
const mixed = (one, other, share) => `#${[1, 3, 5].map((n) => Math.round(share * parseInt(one.slice(n, n + 2), 16) + (1 - share) * parseInt(other.slice(n, n + 2), 16)).toString(16).padStart(2, "0")).join("")}`;

/** @param {string} name @param {Record<string, string | number>} attributes @param {(Node | string)[]} inside */
function made(name, attributes, ...inside) {
  const shape = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, typeof value === "number" ? String(+value.toFixed(1)) : value);
  shape.append(...inside);
  return shape;
}

const pen = document.createElement("canvas").getContext("2d");

/** A bar for each row, the replay's move as a diamond; the band behind joins the segments, as wide as each one's move.
 * @param {Moved[]} rows @param {number} width @param {Theme} theme @param {Formats} formats
 * @param {(word: string, values: object) => string} write */
function drawn(rows, width, theme, formats, write) {
  const height = TOP + ROW * rows.length + 6, names = rows.map((row) => write("flow-name", row));
  if (pen) pen.font = `600 13px ${theme.family}`;
  const left = Math.min(0.62 * width, 8 + Math.max(...names.map((name) => pen?.measureText(name).width ?? 0)));
  const ends = rows.flatMap((row) => [row.modelled, row.observed]), low = Math.min(0, ...ends), high = Math.max(0, ...ends);
  const room = 0.04 * (high - low || 0.01);
  const x = (/** @type {number} */ value) => left + 6 + ((value - low + room) / (high - low + 2 * room)) * (width - left - 12);
  const y = (/** @type {number} */ n) => TOP + ROW * (n + 0.5);
  /** @param {Record<string, string | number>} attributes @param {string} words */
  const text = (attributes, words) => made("text", attributes, words);
  const axis = ticks(low - room, high + room, width - left).flatMap((at) => [
    made("path", { d: `M${x(at)} ${TOP - 4}V${height - 6}`, stroke: Math.abs(at) < 1e-9 ? theme.quiet : theme.grid }),
    text({ x: x(at), y: TOP - 10, "text-anchor": "middle", fill: theme.quiet },
      percent(formats, at, Math.abs(Math.round(100 * at) - 100 * at) > 1e-6 ? 1 : 0, false)),
  ]);
  const links = rows.map((row, n) => ({ row, at: x(row.modelled), up: y(n) })).filter(({ row }) => row.whole && row.on);
  const band = [{ at: x(0), up: links[0].up }, ...links, { at: x(0), up: links[links.length - 1].up }].map(({ at, up }) => `${at} ${up}`).join("L");
  const bars = rows.map((row, n) => {
    const [from, to] = [x(0), x(row.modelled)].sort((a, b) => a - b), thick = (row.whole ? 0.86 : 0.56) * ROW, r = row.whole ? 6.5 : 5;
    const hue = theme.hues[row.hue] ?? theme.quiet;
    return made("g", {},
      made("title", {}, write("flow-row", row)),
      made("rect", { x: 0, y: y(n) - ROW / 2, width, height: ROW, fill: "transparent" }),
      text({ x: left, y: y(n) + 4.5, "text-anchor": "end", fill: row.whole ? theme.ink : theme.quiet, "font-weight": String(row.whole ? 600 : 400) }, names[n]),
      made("rect", { x: from, y: y(n) - thick / 2, width: to - from, height: thick, fill: row.whole ? hue : mixed(hue, theme.ground, 0.6) }),
      made("path", { d: `M${x(row.observed)} ${y(n) - r}l${r} ${r}l-${r} ${r}l-${r} -${r}z`, fill: "none", stroke: theme.ink, "stroke-width": 1.6 }));
  });
  const joined = made("path", { d: `M${band}z`, fill: "rgba(138,146,155,0.2)" });
  // Letters are set within: a download takes what the picture holds, not the picture itself.
  const all = made("g", { "font-family": theme.family, "font-size": 13 }, ...axis, joined, ...bars);
  return made("svg", { class: "main-svg", width, height }, all);
}

/** @param {number} low @param {number} high @param {number} room */
function ticks(low, high, room) {
  const rough = (high - low) / Math.max(2, Math.min(6, room / 70)), size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 2.5, 5].find((each) => each * size >= rough) ?? 10);
  const out = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) out.push(n * step);
  return out;
}

// Table

/** @param {HTMLElement} holder @param {Table} data @returns {Draw} */
function table(holder, { label, heads, lines }) {
  const cells = lines.map(() => [0, 1, 2].map(() => element("td", {})));
  const body = lines.map(({ segment, whole, observed, names }, n) => {
    const [modelled, miss, contribution] = cells[n];
    return element("tr", whole ? { class: "live-whole" } : {},
      element("th", { scope: "row" }, segment), element("td", {}, observed), modelled, miss, element("td", {}, String(names)), contribution);
  });
  const titles = element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)));
  const worst = element("p", { class: "live-said" });
  holder.replaceChildren(
    element("div", { class: "live-table", tabindex: "0", role: "region", "aria-label": label },
      element("table", {}, element("thead", {}, titles), element("tbody", {}, ...body))), worst);
  return ({ said, answer, rows }) => {
    if (!answer || rows.length !== cells.length) return;
    rows.forEach(({ modelled, miss, contribution }, n) =>
      [modelled, miss, contribution].forEach((each, m) => { cells[n][m].textContent = percent(said.formats, each); }));
    const [coarse, fine] = [true, false].map((whole) => furthest(rows.filter((row) => row.whole === whole), (row) => row.miss));
    const known = { coarse: coarse.label, coarse_miss: coarse.miss, fine: fine.segment, fine_miss: fine.miss };
    worst.textContent = fill(said.formats, said.words["furthest-off"], known);
  };
}
