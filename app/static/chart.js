/* Draws a table of numbers as a picture. The table is the data, and stays for readers, tests and printers.
   table[data-chart]: "bar" lies, a row of the table below the other; "column" stands; in both what is drawn of one row is
   stacked. "beside" lies, its bars one below the other. The first column names the rows, each th[data-tone] is drawn in
   that token's colours, those after the first of the same tone each with a pattern of its own; a dash is no number.
   The picture goes into the [data-picture] beside the table. */
(function () {
  "use strict";
  const all = (selector, within) => Array.from(within.querySelectorAll(selector));
  const PATTERNS = [
    { dashArrayX: [1, 0], dashArrayY: [1, 4], rotation: -Math.PI / 4 }, // lines that fall, lines that rise, dots
    { dashArrayX: [1, 0], dashArrayY: [1, 4], rotation: Math.PI / 4 },
    { symbol: "circle", symbolSize: 0.8, dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0] },
  ];
  const chinese = document.documentElement.lang.startsWith("zh");

  function read(table) {
    const heads = all("thead th", table);
    const rows = all("tbody tr", table).map((row) => Array.from(row.cells, (cell) => cell.textContent.trim()));
    const drawn = heads.map((head, n) => ({ name: head.textContent.trim(), tone: head.dataset.tone, n })).filter((head) => head.tone);
    return {
      title: document.getElementById(table.getAttribute("aria-labelledby")).textContent.trim(),
      names: rows.map((row) => row[0]),
      series: drawn.map((head, k) => ({
        ...head, texts: rows.map((row) => row[head.n]), values: rows.map((row) => Number(row[head.n]) || 0),
        nth: drawn.slice(0, k).filter((other) => other.tone === head.tone).length,
      })),
    };
  }

  /* The same numbers in words; what ECharts would say of a stack has the parts of its sums in it. */
  function inWords({ title, names, series }) {
    const [colon, comma, stop] = chinese ? ["：", "，", "；"] : [": ", ", ", "; "];
    const row = (name, n) => name + colon + series.map((one) => `${one.name} ${one.texts[n]}`).join(comma);
    return title + colon + names.map(row).join(stop);
  }

  function option(table, lies, stacks) {
    const { names, series } = table;
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    const words = { color: token("ink-2"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
    const categories = {
      type: "category", data: names, inverse: lies, axisTick: { show: false },
      axisLine: { lineStyle: { color: token("field") } },
      axisLabel: { ...words, hideOverlap: true, width: lies ? 124 : undefined, overflow: "truncate" },
    };
    const numbers = { type: "value", minInterval: 1, axisLabel: words, splitLine: { lineStyle: { color: token("line") } } };
    const single = series.length === 1;
    return {
      animation: false,
      aria: { enabled: true, label: { description: inWords(table) } },
      textStyle: words,
      grid: { top: single ? 8 : 32, right: single ? 36 : 14, bottom: 4, left: 4, containLabel: true },
      legend: { show: !single, top: 0, left: 0, padding: 0, itemWidth: 14, itemHeight: 10, textStyle: words },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" },
        backgroundColor: token("paper"), borderColor: token("end-line"), textStyle: { ...words, color: token("ink") },
      },
      xAxis: lies ? numbers : categories,
      yAxis: lies ? categories : numbers,
      series: series.map(({ name, tone, values, nth }) => ({
        name, type: "bar", stack: stacks ? "all" : undefined, barMaxWidth: 22,
        label: { ...words, show: single, position: lies ? "right" : "top" },
        itemStyle: {
          color: token(`${tone}-line`), borderColor: token(tone), borderWidth: 1,
          decal: nth ? { ...PATTERNS[(nth - 1) % PATTERNS.length], color: token(tone) } : undefined,
        },
        data: values.map((value) => value || { value, itemStyle: { borderWidth: 0 } }), // nothing is no line either
      })),
    };
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  all("table[data-chart]", document).forEach((table) => {
    const place = table.closest(".pictured").querySelector("[data-picture]");
    const chart = window.echarts.init(place, null, { renderer: "svg", locale: chinese ? "ZH" : "EN" });
    const kind = table.dataset.chart;
    const draw = () => chart.setOption(option(read(table), kind !== "column", kind !== "beside"), true);
    place.setAttribute("role", "img");
    draw();
    dark.addEventListener("change", draw);
    new ResizeObserver(() => chart.resize()).observe(place);
  });
})();
