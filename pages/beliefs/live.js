// Draws figures, flow and table of the Beliefs page, from what the server said last or from its answers sent ahead.
// No equation is here: every number is the engine's, this file looks it up, writes it and draws it.
(() => {
const NS = "http://www.w3.org/2000/svg";
const MINUS = "\u2212", THIN = "\u202f", ROW = 20, TOP = 26, FAMILY = '"Source Sans", "Source Sans Pro", sans-serif';
const TOO_SMALL = 0.00005;
const one = (selector) => document.querySelector(selector);

// As exposure/format.py writes them.
function number(value, digits, signed) {
  const text = Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replaceAll(",", THIN);
  return (/[1-9]/.test(text) ? (value < 0 ? MINUS : signed ? "+" : "") : "") + text;
}
const percent = (value, digits = 2, signed = true) => `${number(100 * value, digits, signed)}${THIN}%`;
function shortMoney(value, currency) {
  for (const [size, unit] of [[1e12, "tn"], [1e9, "bn"], [1e6, "M"], [1e4, "k"]]) {
    if (Math.abs(value) < size) continue;
    const scaled = value / (unit === "k" ? 1e3 : size);
    return `${number(scaled, Math.abs(scaled) < 1000 ? 1 : 0, true)} ${unit} ${currency}`;
  }
  return `${number(value, 0, true)} ${currency}`;
}

let facts, steps, stepsText;

function show() {
  facts = JSON.parse(one(".live-facts").textContent);
  // A slider stands on a step, the library's value beside one.
  const moved = sliders().filter(({ lever, value, step }) => Math.abs(value - facts.at[lever]) > 0.51 * step);
  if (!moved.length) return draw(facts.now);
  const answer = moved.length === 1 && ahead(moved[0]);
  if (answer) draw(answer);  // with more than one the server's answer is waited for
}

function sliders() {
  return [...document.querySelectorAll('[class*="st-key-lever_"] input[type=range]')].map((input) => ({
    lever: [...input.closest('[class*="st-key-lever_"]').classList].find((each) => each.startsWith("st-key-lever_")).slice(13),
    value: Number(input.getAttribute("value")),
    step: Number(input.step),
  }));
}

// What the engine said of this value of this lever, if all the others stood then where they stand now.
function ahead({ lever, value }) {
  const sent = one(".live-steps")?.textContent;
  if (!sent) return null;
  if (sent !== stepsText) [stepsText, steps] = [sent, JSON.parse(sent)];
  const own = steps.levers[lever];
  if (!own || Object.entries(steps.at).some(([each, at]) => each !== lever && at !== facts.at[each])) return null;
  const at = own.values.findIndex((each) => Math.abs(each - value) < 1e-6);
  if (at < 0) return null;
  const fraction = (whole) => whole / steps.scale;
  return { total: fraction(own.total[at]), moves: own.moves[at].map(fraction), costs: own.costs[at].map(fraction) };
}

function draw(now) {
  const rows = facts.rows.map((row, n) => ({ ...row, modelled: Math.expm1(now.moves[n]), miss: now.moves[n] - row.observed_log, contribution: now.costs[n] }));
  say("total", percent(now.total));
  say("gap", percent(now.total - facts.replay));
  if (facts.currency !== null) say("pnl", shortMoney(now.total * facts.capital, facts.currency));
  say("finding", finding(rows));
  say("worst", worst(rows));
  const lines = document.querySelectorAll(".live-table tbody tr");
  if (lines.length === rows.length) rows.forEach((row, n) => {
    for (const key of ["modelled", "miss", "contribution"]) lines[n].querySelector(`[data-live=${key}]`).textContent = percent(row[key]);
  });
  picture(rows);
}

function say(key, text) {
  const element = one(`[data-live=${key}]`);
  if (element) element.textContent = text;
}

const most = (rows, of) => rows.reduce((best, row) => (Math.abs(of(row)) > Math.abs(of(best)) ? row : best));

function finding(rows) {
  const row = most(rows.filter((each) => each.whole && each.on), (each) => each.modelled);
  if (Math.abs(row.modelled) < TOO_SMALL) return "Under these beliefs nothing moves along the chain";
  return `${row.label}: ${percent(row.modelled, 1)}, the most along the chain; the day itself ${percent(row.observed, 1)}`;
}

function worst(rows) {
  const [coarse, fine] = [true, false].map((whole) => most(rows.filter((row) => row.whole === whole), (row) => row.miss));
  return `Furthest off, in log move: ${coarse.label} ${percent(coarse.miss, 1)} among segments, ${fine.segment} ${percent(fine.miss, 1)} among sub-segments.`;
}

// By elements and not by text: what is sent may hold no tag within a script.
function made(name, attributes, ...inside) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, typeof value === "number" ? +value.toFixed(1) : value);
  element.append(...inside);
  return element;
}

// A bar for each row, the replay's move as a diamond; the band behind joins the segments, as wide as each one's move.
function picture(rows) {
  const holder = one(".live-flow"), width = holder.clientWidth, height = TOP + ROW * rows.length + 6;
  const tick = (row) => `${row.label} ${percent(row.modelled, 1)}`;
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `600 13px ${FAMILY}`;
  const left = Math.min(0.62 * width, 8 + Math.max(...rows.map((row) => pen.measureText(tick(row)).width)));
  const ends = rows.flatMap((row) => [row.modelled, row.observed]), low = Math.min(0, ...ends), high = Math.max(0, ...ends);
  const room = 0.04 * (high - low || 0.01);
  const x = (value) => left + 6 + ((value - low + room) / (high - low + 2 * room)) * (width - left - 12);
  const y = (n) => TOP + ROW * (n + 0.5);
  const text = (at, up, anchor, fill, said, weight = 400) => made("text", { x: at, y: up, "text-anchor": anchor, fill, "font-weight": weight }, said);
  const axis = ticks(low - room, high + room, width - left).flatMap((at) => [
    made("path", { d: `M${x(at)} ${TOP - 4}V${height - 6}`, stroke: Math.abs(at) < 1e-9 ? facts.quiet : facts.grid }),
    text(x(at), TOP - 10, "middle", facts.quiet, percent(at, Math.abs(Math.round(100 * at) - 100 * at) > 1e-6 ? 1 : 0, false)),
  ]);
  const links = rows.map((row, n) => ({ row, at: x(row.modelled), up: y(n) })).filter(({ row }) => row.whole && row.on);
  const band = [{ at: x(0), up: links[0].up }, ...links, { at: x(0), up: links.at(-1).up }].map(({ at, up }) => `${at} ${up}`).join("L");
  const bars = rows.map((row, n) => {
    const [from, to] = [x(0), x(row.modelled)].sort((a, b) => a - b), thick = (row.whole ? 0.86 : 0.56) * ROW, r = row.whole ? 6.5 : 5;
    const told = `${row.segment}: these beliefs ${percent(row.modelled)}, replay ${percent(row.observed)}; ${row.names} names; this book ${percent(row.contribution)}`;
    return made("g", {},
      made("title", {}, told),
      made("rect", { x: 0, y: y(n) - ROW / 2, width, height: ROW, fill: "transparent" }),
      text(left, y(n) + 4.5, "end", row.whole ? facts.ink : facts.quiet, tick(row), row.whole ? 600 : 400),
      made("rect", { x: from, y: y(n) - thick / 2, width: to - from, height: thick, fill: row.colour }),
      made("path", { d: `M${x(row.observed)} ${y(n) - r}l${r} ${r}l-${r} ${r}l-${r} -${r}z`, fill: "none", stroke: facts.ink, "stroke-width": 1.6 }));
  });
  const flow = made("path", { d: `M${band}z`, fill: "rgba(138,146,155,0.2)" });
  const svg = made("svg", { class: "main-svg", width, height, "font-family": FAMILY, "font-size": 13 }, ...axis, flow, ...bars);
  holder.replaceChildren(svg);
  holder.setAttribute("aria-label", "Moves along the chain under these beliefs, with the replay's: " + rows.filter((row) => row.whole).map((row) => `${row.label} ${percent(row.modelled, 1)} (replay ${percent(row.observed, 1)})`).join(", ") + ".");
  const named = { visible: true, type: "bar", labels: rows.map((row) => row.segment) };
  holder.traces = [{ ...named, name: "beliefs", x: rows.map((row) => row.modelled) }, { ...named, name: "replay", x: rows.map((row) => row.observed) }];
}

function ticks(low, high, room) {
  const rough = (high - low) / Math.max(2, Math.min(6, room / 70)), size = 10 ** Math.floor(Math.log10(rough));
  const step = size * [1, 2, 2.5, 5, 10].find((each) => each * size >= rough);
  const out = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) out.push(n * step);
  return out;
}

show();
window.leverLive ??= (() => {
  const page = {};
  // React writes the value under the finger into the attribute, while it is dragged as well.
  new MutationObserver((seen) => {
    if (seen.some(({ target }) => target.closest('[class*="st-key-lever_"]')) && one(".live-facts")) page.show();
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["value"] });
  addEventListener("resize", () => one(".live-facts") && page.show());
  return page;
})();
Object.assign(window.leverLive, { show, percent, shortMoney });
})();
