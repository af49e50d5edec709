// @ts-check
// The picture of a chart and its numbers, made in the browser from what is drawn there: no server, no other host.
// Plotly's own button writes neither the finding above the chart nor the source below it, and leaves a dark chart's
// light letters on white; so its layers are put together here, on the page's ground, with both.

/**
 * @typedef {"png" | "svg" | "csv"} Kind
 * @typedef {{ title: string, said: string[], comments: string[], file: string, group: string, buttons: Record<Kind, string> }} Data
 * @typedef {{ ground: string, ink: string, quiet: string }} Theme
 * @typedef {Record<string, any> & { name: string, type: string }} Trace
 * @typedef {Element & { _fullData?: Trace[], traces?: Trace[] }} Chart
 */

const NS = "http://www.w3.org/2000/svg";
const PAD = 16, HEAD = 17, FOOT = 12.5, FAMILY = '"Source Sans", "Source Sans Pro", sans-serif';

/** @param {{ data: Data, parentElement: ShadowRoot }} component */
export default function ({ data, parentElement }) {
  const bar = /** @type {HTMLElement} */ (parentElement.querySelector("[role=group]"));
  bar.setAttribute("aria-label", data.group);
  bar.replaceChildren(...Object.entries(data.buttons).map(([kind, label]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = kind.toUpperCase();
    button.setAttribute("aria-label", label);
    button.onclick = () => download(parentElement.host, data, /** @type {Kind} */ (kind));
    return button;
  }));
}

/** @param {Element} host @param {Data} data @param {Kind} kind */
async function download(host, data, kind) {
  const chart = above(host);
  if (!chart || !traces(chart)) return;
  const blob = kind === "csv" ? numbers(chart, data.comments) : await picture(chart, data, themed(host), kind);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${data.file}.${kind}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Find the chart that stands in one frame with the buttons: of Plotly's, or of our own.
 * @param {Element} host @returns {Chart | null} */
function above(host) {
  for (let frame = host.parentElement; frame; frame = frame.parentElement) {
    const chart = frame.querySelector(".js-plotly-plot, .live-flow");
    if (chart) return chart;
  }
  return null;
}

/** Plotly's, or those of a chart that is drawn by our own script. @param {Chart} chart */
const traces = (chart) => chart._fullData ?? chart.traces ?? null;

/** @param {Element} host @returns {Theme} */
function themed(host) {
  const style = getComputedStyle(host), of = (/** @type {string} */ name) => style.getPropertyValue(`--st-${name}`).trim();
  return { ground: of("background-color"), ink: of("text-color"), quiet: of("dataframe-header-text-color") };
}

/** @param {Chart} chart @param {Data} data @param {Theme} theme @param {Kind} kind */
async function picture(chart, data, theme, kind) {
  const { text, width, height } = drawn(chart, data, theme, kind === "png" ? await letters() : "");
  const svg = new Blob([text], { type: "image/svg+xml" });
  if (kind === "svg") return svg;
  const image = new Image();
  image.src = URL.createObjectURL(svg);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = 2 * width;
  canvas.height = 2 * height;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  /** @type {Blob | null} */
  const png = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (!png) throw new Error("the browser makes no picture of this size");
  return described(png, { Title: data.title, Description: data.said.join("\n") });
}

// A PNG carries its texts in chunks of their own, between its head (33 bytes) and its pixels.
/** @param {Blob} png @param {Record<string, string>} texts */
async function described(png, texts) {
  const encode = (/** @type {string} */ text) => new TextEncoder().encode(text);
  const chunks = Object.entries(texts).map(([key, text]) => chunk(encode(`iTXt${key}\0\0\0\0\0${text}`)));
  return new Blob([png.slice(0, 33), ...chunks, png.slice(33)], { type: "image/png" });
}

/** @param {Uint8Array} named */
function chunk(named) {
  let crc = ~0;
  for (const byte of named) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  const out = new Uint8Array(named.length + 8), view = new DataView(out.buffer);
  view.setUint32(0, named.length - 4);
  out.set(named, 4);
  view.setUint32(named.length + 4, ~crc >>> 0);
  return out;
}

// A picture in a picture may load nothing, so the page's own letters go along.
/** @returns {Promise<string>} */
async function letters() {
  try {
    const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
    const face = rules.filter((rule) => rule instanceof CSSFontFaceRule).find(({ style }) => {
      return /Source Sans/.test(style.getPropertyValue("font-family")) && style.getPropertyValue("font-style") !== "italic";
    });
    const [, file] = face?.style.getPropertyValue("src").match(/url\(["']?([^"')]+)/) ?? [];
    if (!face || !file) return "";
    const address = new URL(file, face.parentStyleSheet?.href || document.baseURI);
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return `@font-face{font-family:"Source Sans";font-weight:200 900;src:url(data:font/woff2;base64,${btoa(text)})}`;
  } catch {
    return "";
  }
}

/** @param {Chart} chart @param {Data} data @param {Theme} theme @param {string} style */
function drawn(chart, data, theme, style) {
  const layers = /** @type {SVGSVGElement[]} */ ([...chart.querySelectorAll(".main-svg")]);
  const across = Math.round(layers[0].width.baseVal.value), inner = layers[0].height.baseVal.value;
  const width = across + PAD;
  const title = lines(data.title, width - 2 * PAD, `600 ${HEAD}px ${FAMILY}`);
  const said = data.said.flatMap((each) => lines(each, width - 2 * PAD, `${FOOT}px ${FAMILY}`));
  const top = PAD + title.length * HEAD * 1.3, below = top + inner + PAD / 2;
  const height = Math.round(below + said.length * FOOT * 1.4 + PAD);
  const svg = made("svg", { xmlns: NS, width, height, viewBox: `0 0 ${width} ${height}` });
  const sheet = made("style", {});
  sheet.textContent = style;
  for (const [name, text] of [["title", data.title], ["desc", data.said.join("\n")]]) {
    const element = made(name, {});
    element.textContent = text;
    svg.append(element);
  }
  svg.append(sheet, made("rect", { width, height, fill: theme.ground }));
  title.forEach((line, n) => svg.append(words(line, PAD + HEAD + n * HEAD * 1.3, HEAD, theme.ink, 600)));
  const whole = made("g", { transform: `translate(${PAD / 2} ${top})` });
  for (const layer of layers) {
    const copy = /** @type {SVGSVGElement} */ (layer.cloneNode(true));
    copy.querySelectorAll(".hoverlayer, .zoomlayer, .draglayer, .menulayer").forEach((each) => each.remove());
    whole.append(...copy.childNodes);
  }
  svg.append(whole);
  said.forEach((line, n) => svg.append(words(line, below + FOOT + n * FOOT * 1.4, FOOT, theme.quiet, 400)));
  // Clips and patterns are named by address within the page; in a file of its own they stand beside.
  const text = new XMLSerializer().serializeToString(svg).replace(/url\(((?:&quot;|["'])?)[^#()]*#/g, "url($1#");
  return { text, width, height };
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function made(name, attributes) {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key !== "xmlns") element.setAttribute(key, String(value));
  }
  return element;
}

/** @param {string} text @param {number} y @param {number} size @param {string} fill @param {number} weight */
function words(text, y, size, fill, weight) {
  const attributes = { x: PAD, y, fill, "font-family": FAMILY, "font-size": size, "font-weight": weight };
  // As wide as it was measured, so that a machine without these letters cuts no line of the file.
  const length = measured(`${weight} ${size}px ${FAMILY}`)(text).toFixed(1);
  const element = made("text", { ...attributes, textLength: length, lengthAdjust: "spacingAndGlyphs" });
  element.textContent = text;
  return element;
}

/** @param {string} font */
function measured(font) {
  const pen = document.createElement("canvas").getContext("2d");
  if (pen) pen.font = font;
  return (/** @type {string} */ text) => pen?.measureText(text).width ?? 0;
}

/** @param {string} text @param {number} width @param {string} font */
function lines(text, width, font) {
  const long = measured(font), out = [""];
  for (const word of text.split(" ").flatMap((each) => pieces(each, width, long))) {
    const longer = out.at(-1) ? `${out.at(-1)} ${word}` : word;
    if (out.at(-1) && long(longer) > width) out.push(word);
    else out[out.length - 1] = longer;
  }
  return out;
}

// A word that is longer than a line, a hash on a telephone, goes on in the next: nothing is cut.
/** @param {string} word @param {number} width @param {(text: string) => number} long */
function pieces(word, width, long) {
  const out = [""];
  for (const letter of word) {
    if (out.at(-1) && long(out.at(-1) + letter) > width) out.push(letter);
    else out[out.length - 1] += letter;
  }
  return out;
}

/** @param {Chart} chart @param {string[]} comments */
function numbers(chart, comments) {
  const seen = (traces(chart) ?? []).filter((trace) => trace.visible === true);
  const rows = wide(seen) || long(seen);
  const text = rows.map((row) => row.map(cell).join(",")).concat(comments).join("\r\n") + "\r\n";
  return new Blob(["\ufeff" + text], { type: "text/csv;charset=utf-8" });
}

// Lines over dates stand side by side, a column for each, empty where it has none; anything else has a row for each mark.
/** @param {Trace[]} traces */
function wide(traces) {
  const line = (/** @type {Trace} */ trace) => trace.type === "scatter" && trace.x?.length && new Set(trace.x).size === trace.x.length;
  if (!traces.length || !traces.every(line)) return null;
  const columns = traces.map((trace) => new Map([...trace.x].map((x, n) => [x, trace.y[n]])));
  const all = [...new Set(traces.flatMap((trace) => [...trace.x]))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return [["x", ...traces.map((trace) => trace.name)], ...all.map((x) => [x, ...columns.map((column) => column.get(x))])];
}

/** @param {Trace[]} traces */
function long(traces) {
  const fields = ["ids", "labels", "parents", "values", "x", "y", "base", "z"];
  const used = fields.filter((field) => traces.some((trace) => trace[field]?.length));
  const rows = [["trace", ...used]];
  for (const trace of traces) {
    if (trace.type === "heatmap") {
      trace.y.forEach((/** @type {any} */ y, /** @type {number} */ r) => trace.x.forEach((/** @type {any} */ x, /** @type {number} */ c) => {
        const mark = /** @type {Record<string, any>} */ ({ x, y, z: trace.z[r][c] });
        rows.push([trace.name, ...used.map((field) => mark[field])]);
      }));
    } else {
      const count = Math.max(...used.map((field) => trace[field]?.length || 0));
      for (let n = 0; n < count; n++) rows.push([trace.name, ...used.map((field) => trace[field]?.[n])]);
    }
  }
  return rows;
}

/** @param {any} value */
function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  // Text that a spreadsheet would run as a formula is given an apostrophe, as in the tables.
  const text = typeof value === "string" && /^'*[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
