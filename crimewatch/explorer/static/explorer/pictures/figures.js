// Figures over time: a band from low to high, a line for the best value, a colour and a mark for each source.
(() => {
  // In a box of 26 by 14, as legends have it.
  const MARKS = [
    "M8 7a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z", "M8 2h10v10h-10z", "M13 1l6 11h-12z", "M13 1l6 6-6 6-6-6z",
    "M7 2h12l-6 11z", "M9 1h8v4h3v4h-3v4h-8v-4h-3v-4h3z", "M8 2l5 3 5-3v10l-5-3-5 3z", "M13 1l5 4-2 7h-6l-2-7z",
  ];
  const NARROWEST = 15; // pixels of one figure

  function lineOf(points, style) {
    return { type: "polyline", shape: { points }, style: { fill: "none", ...style } };
  }

  function box(x, y, width, height, style) {
    return { type: "rect", shape: { x, y, width, height: Math.max(height, 0) }, style };
  }

  function faded(colour, upward) {
    const stops = [{ offset: 0, color: colour }, { offset: 1, color: "transparent" }];
    const [from, to] = upward ? [1, 0] : [0, 1];
    return new echarts.graphic.LinearGradient(0, from, 0, to, stops);
  }

  // Where a figure stands across: a part of its period or, where that is too narrow, a place beside the others.
  function across(figure, plot, place) {
    const start = figure.start === undefined ? plot.x : place(figure.start);
    const end = figure.end === undefined ? plot.x + plot.width : place(figure.end);
    const part = (end - start) / figure.slots;
    if (part >= NARROWEST) return [start + figure.slot * part + 1, start + (figure.slot + 1) * part - 1];
    const middle = (start + end) / 2 + (figure.slot - (figure.slots - 1) / 2) * NARROWEST;
    return [middle - NARROWEST / 2 + 1, middle + NARROWEST / 2 - 1];
  }

  function drawFigure(figure, plot, place, height, colour, look, word) {
    const [left, right] = across(figure, plot, place);
    const middle = (left + right) / 2;
    const { low, best, high } = figure;
    const shapes = [];
    const edge = { stroke: colour, lineWidth: 2, opacity: 1 };
    if (figure.break) {
      shapes.push(
        lineOf([[left - 3, plot.y], [left - 3, plot.y + plot.height]], { stroke: look.warn, lineWidth: 1.5, lineDash: [5, 4], opacity: 1 }),
        { type: "text", style: { text: word, x: left + 2, y: plot.y + 4, fill: look.warn, font: `11px ${look.font}` } },
      );
    }
    if (low !== null && high !== null) {
      const style = figure.derived ? { fill: colour, fillOpacity: 0.08, stroke: colour, lineDash: [4, 3], lineWidth: 1.5 } : { fill: colour, fillOpacity: 0.28, stroke: colour, lineWidth: 1 };
      shapes.push(box(left, height(high), right - left, height(low) - height(high), style));
    } else if (best === null) {
      // One end is all that is said: the other fades out.
      const value = low ?? high;
      const y = height(value);
      const reach = low === null ? plot.y + plot.height - y : y - plot.y;
      const length = Math.min(reach, 60);
      const point = low === null ? 1 : -1;
      const style = { fill: faded(colour, low !== null), opacity: figure.derived ? 0.25 : 0.5 };
      shapes.push(
        box(left, low === null ? y : y - length, right - left, length, style),
        lineOf([[left, y], [right, y]], { ...edge, lineDash: figure.derived ? [4, 3] : null }),
        lineOf([[middle - 4, y + point * 10], [middle, y + point * 15], [middle + 4, y + point * 10]], edge),
      );
    } else {
      const other = low ?? high;
      if (other !== null) shapes.push(lineOf([[middle, height(best)], [middle, height(other)]], edge), lineOf([[left, height(other)], [right, height(other)]], edge));
    }
    const y = best !== null ? height(best) : low !== null && high !== null ? null : height(low ?? high);
    if (best !== null) shapes.push(lineOf([[left, y], [right, y]], { ...edge, lineWidth: 3, lineDash: figure.derived ? [4, 3] : null }));
    const at = y ?? (height(low) + height(high)) / 2;
    shapes.push({
      type: "path",
      shape: { pathData: MARKS[figure.voice % MARKS.length], x: middle - 6, y: at - 6, width: 12, height: 12, layout: "center" },
      style: { fill: figure.derived ? look.panel : colour, stroke: colour, lineWidth: 1.5 },
    });
    return shapes;
  }

  // The best values of one series in their order, parted where the series breaks.
  function chainsOf(figures) {
    const series = new Map();
    for (const figure of figures) {
      if (figure.best === null || figure.start === undefined || figure.end === undefined) continue;
      const parts = series.get(figure.series) ?? [[]];
      if (figure.break) parts.push([]);
      parts.at(-1).push(figure);
      series.set(figure.series, parts);
    }
    return [...series.values()].flat().filter((part) => part.length > 1);
  }

  function extent(figures) {
    const moments = figures.flatMap((figure) => [figure.start, figure.end]).filter((each) => each !== undefined);
    if (moments.length === 0) moments.push(0);
    const [first, last] = [Math.min(...moments), Math.max(...moments)];
    const margin = Math.max((last - first) * 0.06, 60 * 86400000);
    return [first - margin, last + margin];
  }

  window.pictures.define("figures", (data, { look, chart, number, explain }) => {
    const colourOf = (voice) => look.series[voice % look.series.length];
    const all = data.panels.flatMap((panel) => panel.figures);
    const [first, last] = extent(all);
    const gap = 44;
    const room = (chart.getHeight() - 40) / Math.max(1, data.panels.length);
    const left = 84;

    const { words } = data;
    const used = (test) => all.some(test);
    explain([
      ...data.voices.map((text, voice) => ({ mark: "drawing", drawing: MARKS[voice % MARKS.length], fill: colourOf(voice), colour: colourOf(voice), text })),
      { mark: "drawing", drawing: "M3 1h20v12h-20zM3 7h20", colour: look.muted, text: words.band },
      ...(used((figure) => figure.derived) ? [{ mark: "drawing", drawing: "M3 1h4m3 0h4m3 0h4M3 13h4m3 0h4m3 0h4M3 1v4m0 4v4M23 1v4m0 4v4", colour: look.muted, text: words.derived }] : []),
      ...(used((figure) => figure.best === null && (figure.low === null || figure.high === null)) ? [{ mark: "drawing", drawing: "M3 2h20M13 5v8m-4-4l4 4 4-4", colour: look.muted, text: words.open }] : []),
      ...(used((figure) => figure.break) ? [{ mark: "dashed", colour: look.warn, text: words.break }] : []),
    ]);

    const option = { title: [], grid: [], xAxis: [], yAxis: [], series: [], tooltip: { show: true } };
    data.panels.forEach((panel, place) => {
      const isLast = place === data.panels.length - 1;
      const top = place * room;
      option.title.push({ text: panel.name, left: 8, top: top + 4, textStyle: { fontSize: 13, fontWeight: 600, color: look.ink, fontFamily: look.font, width: chart.getWidth() - 24, overflow: "truncate" } });
      option.grid.push({ outerBoundsMode: "none", left, right: 40, top: top + gap, height: Math.max(40, room - gap - 10) });
      option.xAxis.push({
        type: "time", gridIndex: place, min: first, max: last,
        axisLabel: { show: isLast, color: look.muted, hideOverlap: true, showMaxLabel: false, formatter: { year: "{yyyy}", month: "{yyyy}-{MM}", day: "{yyyy}-{MM}-{dd}" } },
        axisLine: { lineStyle: { color: look.line } }, axisTick: { show: isLast },
        splitLine: { show: true, lineStyle: { color: look.line, opacity: 0.5 } },
      });
      const values = panel.figures.flatMap((figure) => [figure.low, figure.best, figure.high]).filter((each) => each !== null);
      option.yAxis.push({
        type: "value", gridIndex: place, min: Math.min(0, ...values), max: Math.max(...values, 0) * 1.1 || 1, splitNumber: 3,
        // Four boats have no mark at two and a half.
        minInterval: values.every(Number.isInteger) ? 1 : 0,
        axisLabel: { color: look.muted, hideOverlap: true, showMaxLabel: false, formatter: (value) => number(value) },
        splitLine: { lineStyle: { color: look.line, opacity: 0.5 } },
      });
      const chains = chainsOf(panel.figures);
      const middle = (figure) => (figure.start + figure.end) / 2;
      option.series.push(
        {
          type: "custom", xAxisIndex: place, yAxisIndex: place, clip: true, silent: true, data: chains.map(() => [first, 0]),
          renderItem: (params, api) => lineOf(chains[params.dataIndex].map((figure) => api.coord([middle(figure), figure.best])), { stroke: colourOf(chains[params.dataIndex][0].voice), lineWidth: 1.5, opacity: 0.7 }),
        },
        {
          type: "custom", xAxisIndex: place, yAxisIndex: place, clip: true,
          data: panel.figures.map((figure) => ({ value: [first, 0], address: figure.address })),
          renderItem: (params, api) => {
            const figure = panel.figures[params.dataIndex];
            const shapes = drawFigure(figure, params.coordSys, (moment) => api.coord([moment, 0])[0], (value) => api.coord([first, value])[1], colourOf(figure.voice), look, words.break);
            return { type: "group", children: shapes };
          },
          tooltip: { formatter: (event) => panel.figures[event.dataIndex].tip },
        },
      );
    });
    return option;
  });
})();
