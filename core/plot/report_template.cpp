#include "core/plot/report_page.hpp"

namespace eddyline {

const char* report_template() {
  return R"PAGE(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>@TITLE@</title>
<style>
:root { --back: #f5f7f9; --card: #fff; --ink: #1d2733; --soft: #66727f; --line: #e1e6ec; --accent: #0b6bcb; }
@media (prefers-color-scheme: dark) {
  :root { --back: #12171d; --card: #1a2129; --ink: #e4eaf0; --soft: #93a0ad; --line: #2b353f; --accent: #59a8f5; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 24px 20px 48px; }
header { display: flex; flex-wrap: wrap; gap: 6px 24px; align-items: baseline; margin-bottom: 14px; }
h1 { font-size: 22px; margin: 0; font-weight: 650; }
h2 { font-size: 14px; margin: 0 0 10px; font-weight: 650; }
h2 small { font-weight: 400; color: var(--soft); margin-left: 6px; }
.status { color: var(--soft); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin-bottom: 14px; }
.fact, .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.fact { padding: 9px 13px; }
.fact b { display: block; font-size: 17px; font-weight: 620; overflow-wrap: anywhere; }
.fact span { color: var(--soft); font-size: 12px; }
.card { padding: 14px 16px; min-width: 0; }
.grid { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; }
.wide { grid-column: 1 / -1; }
@media (max-width: 860px) { .grid { grid-template-columns: minmax(0, 1fr); } }
svg { width: 100%; height: auto; display: block; overflow: visible; }
svg text { fill: var(--soft); font-size: 11px; }
svg .rule { stroke: var(--line); }
svg .cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; margin-top: 6px; font-size: 12px; color: var(--soft); }
.legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 5px; vertical-align: middle; }
.legend b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
.bar { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; margin-bottom: 12px; }
.bar input[type=range] { flex: 1 1 220px; accent-color: var(--accent); }
button, select { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--line); border-radius: 7px; padding: 4px 11px; cursor: pointer; }
button { min-width: 68px; }
.panels { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 14px; }
@media (max-width: 620px) { .panels { grid-template-columns: minmax(0, 1fr); } }
figure { margin: 0; }
figcaption { font-size: 12px; color: var(--soft); margin-bottom: 4px; }
figure img { width: 100%; display: block; border-radius: 5px; border: 1px solid var(--line); }
.scale { display: flex; gap: 8px; align-items: center; font-size: 11px; color: var(--soft); margin-top: 5px; font-variant-numeric: tabular-nums; }
.scale i { flex: 1; height: 8px; border-radius: 4px; }
.scroll { overflow: auto; max-height: 340px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13px; }
th, td { text-align: right; padding: 4px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { position: sticky; top: 0; background: var(--card); color: var(--soft); font-weight: 550; }
tr.best td { background: color-mix(in srgb, var(--accent) 14%, transparent); }
pre { margin: 8px 0 0; overflow: auto; max-height: 420px; font: 12px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
summary { cursor: pointer; font-weight: 650; }
label { color: var(--soft); font-size: 12px; margin-left: auto; }
</style>
</head>
<body>
<main>
<header><h1 id="title"></h1><span class="status" id="status"></span><label id="live" hidden><input type="checkbox" id="reload" checked> reload every 30 s</label></header>
<div class="facts" id="facts"></div>
<div class="grid" id="cards"></div>
</main>
<script type="application/json" id="data">@DATA@</script>
<script>
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8f98"];
const svgNames = "http://www.w3.org/2000/svg";
function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {}))
    if (name in node && name !== "style") node[name] = value; else node.setAttribute(name, value);
  node.append(...children);
  return node;
}
function drawn(parent, tag, attributes, text) {
  const node = document.createElementNS(svgNames, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  parent.append(node);
  return node;
}
function shown(value) {
  if (value === null || value === undefined) return "–";
  if (value === 0 || Number.isInteger(value) && Math.abs(value) < 1e7) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}
function withUnit(text, unit) { return unit && unit !== "1" ? text + " [" + unit + "]" : text; }
function card(title, note, wide) {
  const node = element("section", {className: wide ? "card wide" : "card"}, element("h2", {}, title));
  if (note) node.firstChild.append(element("small", {}, note));
  document.getElementById("cards").append(node);
  return node;
}
function ticks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(f => f * power).find(s => s >= rough);
  const list = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; ++n) list.push(n * step);
  return list;
}
function logTicks(low, high) {
  const list = [], first = Math.floor(low), last = Math.ceil(high), every = Math.max(1, Math.ceil((last - first) / 6));
  for (let power = first; power <= last; power += high - low <= 2.5 ? 1 : every)
    for (const factor of high - low <= 2.5 ? [1, 2, 5] : [1]) list.push(power + Math.log10(factor));
  return list.filter(value => value >= low - 1e-9 && value <= high + 1e-9);
}
// Curves [{label, x, y}] with axes, a legend and values under the mouse. Gaps stay gaps on request.
function plot(parent, curves, options) {
  const log = options.log, width = options.width || 560, height = options.height || 250, left = 56, right = 10, top = 8, bottom = 36;
  const good = v => v !== null && v !== undefined && isFinite(v) && (!log || v > 0);
  curves = curves.map((c, n) => ({label: c.label, colour: c.colour || colours[n % colours.length], dash: c.dash,
    points: c.x.map((x, i) => [x, c.y[i]]).filter(p => good(p[1]))})).filter(c => c.points.length);
  if (!curves.length) { parent.append(element("p", {className: "status"}, "nothing yet")); return; }
  const place = v => log ? Math.log10(v) : v;
  const xs = curves.flatMap(c => c.points.map(p => p[0])), ys = curves.flatMap(c => c.points.map(p => place(p[1])));
  let [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  if (options.yRange) [y0, y1] = options.yRange;
  if (x1 === x0) { x0 -= 0.5; x1 += 0.5; }
  const pad = y1 > y0 ? 0.06 * (y1 - y0) : log ? 0.3 : Math.max(Math.abs(y1) * 0.1, 1e-12);
  y0 -= pad; y1 += pad;
  const toX = x => left + (x - x0) / (x1 - x0) * (width - left - right);
  const toY = y => height - bottom - (place(y) - y0) / (y1 - y0) * (height - top - bottom);
  const svg = drawn(parent, "svg", {viewBox: `0 0 ${width} ${height}`, role: "img"});
  let marks = log ? logTicks(y0, y1).map(t => 10 ** t) : ticks(y0, y1, 5);
  if (log && marks.length < 3) marks = ticks(10 ** y0, 10 ** y1, 5).filter(t => t > 0);
  for (const value of marks) {
    const y = toY(value);
    drawn(svg, "line", {class: "rule", x1: left, x2: width - right, y1: y, y2: y});
    drawn(svg, "text", {x: left - 7, y: y + 4, "text-anchor": "end"}, shown(Number(value.toPrecision(6))));
  }
  for (const t of ticks(x0, x1, options.x === "epoch" ? Math.max(1, Math.min(7, x1 - x0)) : 7))
    drawn(svg, "text", {x: toX(t), y: height - bottom + 16, "text-anchor": "middle"}, shown(Number(t.toPrecision(6))));
  drawn(svg, "text", {x: (left + width - right) / 2, y: height - 3, "text-anchor": "middle"}, options.x);
  for (const c of curves) {
    const path = c.points.map((p, i) => (i ? "L" : "M") + toX(p[0]).toFixed(1) + " " + toY(p[1]).toFixed(1)).join("");
    const line = drawn(svg, "path", {d: path, fill: "none", stroke: c.colour, "stroke-width": 1.8, "stroke-linejoin": "round"});
    if (c.dash) line.setAttribute("stroke-dasharray", "5 4");
    if (c.points.length < 40 && !options.plain)
      for (const p of c.points) drawn(svg, "circle", {cx: toX(p[0]), cy: toY(p[1]), r: 2.2, fill: c.colour});
  }
  const cursor = drawn(svg, "line", {class: "cursor", y1: top, y2: height - bottom, visibility: "hidden"});
  const legend = element("div", {className: "legend"}), values = [];
  const where = element("b", {});
  for (const c of curves) {
    const value = element("b", {});
    values.push(value);
    legend.append(element("span", {}, element("i", {style: "background:" + c.colour}), c.label + " ", value));
  }
  legend.append(where);
  parent.append(legend);
  const point = x => {
    cursor.setAttribute("visibility", x === null ? "hidden" : "visible");
    where.textContent = x === null ? "" : "at " + shown(x);
    curves.forEach((c, n) => {
      if (x === null) { values[n].textContent = ""; return; }
      const near = c.points.reduce((a, b) => Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a);
      values[n].textContent = shown(near[1]);
    });
    if (x !== null) { cursor.setAttribute("x1", toX(x)); cursor.setAttribute("x2", toX(x)); }
  };
  const all = [...new Set(xs)];
  svg.addEventListener("mousemove", event => {
    const box = svg.getBoundingClientRect(), x = x0 + ((event.clientX - box.left) / box.width * width - left) / (width - left - right) * (x1 - x0);
    point(all.reduce((a, b) => Math.abs(b - x) < Math.abs(a - x) ? b : a));
  });
  svg.addEventListener("mouseleave", () => point(null));
}
const column = name => data.rows.map(row => row[data.columns.indexOf(name)]);
const epochs = column("epoch"), fixed = ["step", "epoch", "loss", "learning_rate", "gradient_norm"];
const names = data.columns.filter(name => !fixed.includes(name));
document.getElementById("title").textContent = data.title;
document.getElementById("status").textContent = data.status;
for (const [name, value] of data.facts)
  document.getElementById("facts").append(element("div", {className: "fact"}, element("b", {}, value.replace(/\B(?=(\d{3})+$)/g, /^\d{5,}$/.test(value) ? "\u2009" : "")), element("span", {}, name)));
plot(card("Training loss", "mean of each epoch"), [{label: "loss", x: epochs, y: column("loss")}], {x: "epoch", log: true});
plot(card("Validation", "smaller is better"), names.map(name => ({label: name, x: epochs, y: column(name), dash: name === "persistence" || name === "mean_field"})), {x: "epoch", log: true});
if (data.rollouts.length) {
  const box = card("Frames", "reference, prediction and difference", true), bar = element("div", {className: "bar"});
  const choose = (id, list) => element("select", {id}, ...list.map((text, n) => element("option", {value: n}, text)));
  const cases = choose("case", data.rollouts.map(r => r.name));
  const channels = choose("channel", data.rollouts[0].channels.map(c => withUnit(c.name, c.unit)));
  const slider = element("input", {type: "range", id: "frame", min: 0, value: 0}), play = element("button", {id: "play"}, "play");
  const time = element("span", {className: "status", id: "time"});
  bar.append(cases, channels, play, slider, time);
  const panels = element("div", {className: "panels"}), profile = element("div", {});
  box.append(bar, panels, profile);
  const titles = ["reference", "prediction", "prediction - reference"], figures = titles.map(text => {
    const image = element("img", {alt: text}), scale = element("div", {className: "scale"});
    if (data.aspect) image.style.aspectRatio = data.aspect;
    panels.append(element("figure", {}, element("figcaption", {}, text), image, scale));
    return {image, scale};
  });
  const update = () => {
    const rollout = data.rollouts[cases.value], channel = rollout.channels[channels.value], frame = Number(slider.value);
    time.textContent = rollout.frames[frame];
    panels.hidden = !channel.pictures;
    panels.style.display = channel.pictures ? "" : "none";
    if (channel.pictures) {
      figures.forEach(({image, scale}, n) => {
        image.src = "data:image/png;base64," + channel.pictures[frame][n];
        const range = n === 2 ? channel.error_scale : channel.scale;
        scale.replaceChildren(range.low, element("i", {style: "background:linear-gradient(90deg," + range.stops.join(",") + ")"}), range.high);
      });
    } else {
      const every = channel.profiles.flat(2).filter(v => v !== null);
      profile.replaceChildren();
      plot(profile, [{label: "reference", x: data.x, y: channel.profiles[frame][0]}, {label: "prediction", x: data.x, y: channel.profiles[frame][1], dash: true}],
           {x: withUnit("x", data.length_unit), yRange: [Math.min(...every), Math.max(...every)], plain: true, width: 1160, height: 300});
    }
    try { sessionStorage.setItem("frame", JSON.stringify([cases.value, channels.value, slider.value])); } catch (ignored) { /* private mode */ }
  };
  const limit = () => { slider.max = data.rollouts[cases.value].frames.length - 1; update(); };
  slider.max = data.rollouts[0].frames.length - 1;
  slider.value = slider.max;
  try {
    const kept = JSON.parse(sessionStorage.getItem("frame") || "null");
    if (kept && data.rollouts[kept[0]] && data.rollouts[kept[0]].channels[kept[1]]) {
      [cases.value, channels.value] = kept;
      slider.max = data.rollouts[kept[0]].frames.length - 1;
      slider.value = kept[2];
    }
  } catch (ignored) { /* private mode */ }
  let timer = null;
  play.addEventListener("click", () => {
    if (timer) { clearInterval(timer); timer = null; play.textContent = "play"; return; }
    play.textContent = "pause";
    timer = setInterval(() => { slider.value = (Number(slider.value) + 1) % (Number(slider.max) + 1); update(); }, 200);
  });
  slider.addEventListener("input", update);
  channels.addEventListener("change", update);
  cases.addEventListener("change", limit);
  limit();
}
if (data.errors.length) {
  const box = card("Error over lead time", "nRMSE of free rollouts over the validation trajectories shown above", true);
  const curves = [];
  data.errors.forEach(table => {
    const x = table.rows.map(row => row[table.columns.indexOf("lead_time")]);
    curves.push({label: table.name, x, y: table.rows.map(row => row[table.columns.indexOf("nrmse")]), dash: table.name !== "model"});
    if (table.name === "model")
      table.columns.forEach((name, c) => {
        if (name.startsWith("nrmse_") && name !== "nrmse_velocity" && data.rollouts.length)
          curves.push({label: name.slice(6), x, y: table.rows.map(row => row[c])});
      });
  });
  plot(box, curves, {x: withUnit("lead time", data.time_unit), log: true, width: 1160, height: 260});
}
plot(card("Learning rate"), [{label: "learning rate", x: epochs, y: column("learning_rate")}], {x: "epoch", height: 190});
plot(card("Gradient norm", "mean of each epoch, before clipping"), [{label: "gradient norm", x: epochs, y: column("gradient_norm")}], {x: "epoch", log: true, height: 190});
const table = element("table", {}), box = card("Metrics", "metrics.csv; the best row is marked", true), selection = column("selection");
const best = selection.reduce((a, v, i) => v !== null && (a < 0 || v < selection[a]) ? i : a, -1);
table.append(element("tr", {}, ...data.columns.map(name => element("th", {}, name))));
for (let n = data.rows.length - 1; n >= 0; --n)
  if (data.rows.length < 200 || selection[n] !== null)
    table.append(element("tr", {className: n === best ? "best" : ""}, ...data.rows[n].map(v => element("td", {}, shown(v)))));
box.append(element("div", {className: "scroll"}, table));
for (const [title, text] of [["Config", data.config], ["Provenance", data.provenance]]) {
  const node = element("section", {className: "card"}, element("details", {open: false}, element("summary", {}, title), element("pre", {}, text)));
  document.getElementById("cards").append(node);
}
if (!data.complete) {
  document.getElementById("live").hidden = false;
  setInterval(() => { if (document.getElementById("reload").checked) location.reload(); }, 30000);
}
document.documentElement.dataset.ready = "yes";
</script>
</body>
</html>
)PAGE";
}

}  // namespace eddyline
