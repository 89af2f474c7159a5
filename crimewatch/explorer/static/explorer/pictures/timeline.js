// The time line: days as diamonds, periods as bars, and each end as certain as its date is written.
(() => {
  const ROW = 22; // pixels
  const HALF_A_DAY = 43200000;
  const SOFT = 28; // pixels in which an uncertain end is drawn
  const EDGE = 44; // pixels in which what goes on fades out

  function lineOf(points, style) {
    return { type: "polyline", shape: { points }, style: { fill: "none", ...style } };
  }

  function faded(colour, towards) {
    const stops = [{ offset: 0, color: colour }, { offset: 1, color: "transparent" }];
    const [from, to] = towards === "right" ? [0, 1] : [1, 0];
    return new echarts.graphic.LinearGradient(from, 0, to, 0, stops);
  }

  // Slanted lines in a box.
  function hatched(x, y, width, height, colour) {
    const lines = [{ type: "rect", shape: { x, y, width, height }, style: { fill: colour, opacity: 0.15 } }];
    for (let at = x; at + 4 <= x + width; at += 5) {
      lines.push(lineOf([[at, y + height], [at + 4, y]], { stroke: colour, lineWidth: 1.5, opacity: 1 }));
    }
    return lines;
  }

  function box(x, y, width, height, style) {
    return { type: "rect", shape: { x, y, width: Math.max(width, 0), height }, style };
  }

  function diamond(x, y, mark, colour, panel) {
    const hollow = mark.start_is === "uncertain" || mark.start_is === "both" || mark.denied;
    const soft = mark.start_is === "approximate" || mark.start_is === "both";
    const shape = { points: [[x - 6, y], [x, y - 6], [x + 6, y], [x, y + 6]] };
    const halo = { type: "circle", shape: { cx: x, cy: y, r: 10 }, style: { fill: colour, opacity: 0.2 } };
    const body = { type: "polygon", shape, style: { fill: hollow ? panel : colour, stroke: colour, lineWidth: 1.5 } };
    return soft ? [halo, body] : [body];
  }

  // One end of a bar that is not exact. `at` is where it is, `inward` the direction into the bar, `room` its length.
  function ending(kind, at, inward, room, top, height, colour) {
    const width = Math.min(SOFT, room / 2);
    const x = inward > 0 ? at : at - width;
    const shapes = [];
    if (kind === "uncertain" || kind === "both") shapes.push(...hatched(x, top, width, height, colour));
    if (kind === "approximate") {
      shapes.push(box(x, top, width, height, { fill: faded(colour, inward > 0 ? "left" : "right") }));
    }
    if (kind === "both") shapes.push(box(x, top, width, height, { fill: faded(colour, inward > 0 ? "left" : "right"), opacity: 0.5 }));
    return { shapes, width };
  }

  function arrow(edge, outward, y, colour) {
    const points = [[edge - 6 * outward, y - 6], [edge, y], [edge - 6 * outward, y + 6]];
    return lineOf(points, { stroke: colour, lineWidth: 2, opacity: 1 });
  }

  function unknown(at, outward, y, colour, look) {
    return [
      lineOf([[at, y], [at + 30 * outward, y]], { stroke: colour, lineWidth: 2, lineDash: [2, 3], opacity: 1 }),
      { type: "text", style: { text: "?", x: at + 38 * outward, y, align: "center", verticalAlign: "middle", fill: look.ink, font: `600 12px ${look.font}` } },
    ];
  }

  function bar(mark, plot, place, y, colour, look) {
    const height = 12;
    const top = y - height / 2;
    const right = plot.x + plot.width;
    const shapes = [];
    // Where the whole reaches to, and what of it is surely so.
    let from = mark.start === undefined ? plot.x : place(mark.start);
    let to = mark.end === undefined ? right : place(mark.end);
    if (mark.end_is === "unknown") {
      to = place(mark.surely_until);
      shapes.push(...unknown(to, 1, y, colour, look));
    }
    if (mark.start_is === "unknown") {
      from = place(mark.surely_from);
      shapes.push(...unknown(from, -1, y, colour, look));
    }
    const whole = [from, Math.max(to, from + 3)];
    if (mark.is_somewhere) {
      shapes.push(box(from, top, whole[1] - from, height, { fill: colour, fillOpacity: 0.14, stroke: colour, lineDash: [4, 3], lineWidth: 1 }));
      return { shapes, whole };
    }
    if (mark.surely_from !== undefined && mark.start_is !== "unknown") {
      const until = place(mark.surely_from);
      shapes.push(box(from, top, until - from, height, { fill: colour, opacity: 0.2 }));
      from = until;
    }
    if (mark.surely_until !== undefined && mark.end_is !== "unknown") {
      const since = place(mark.surely_until);
      shapes.push(box(since, top, to - since, height, { fill: colour, opacity: 0.2 }));
      to = since;
    }
    const room = Math.max(to - from, 3);
    if (mark.start_is === "open") {
      const width = Math.min(EDGE, room);
      shapes.push(box(from, top, width, height, { fill: faded(colour, "left") }), arrow(from + 2, -1, y, colour));
      from += width;
    }
    if (mark.end_is === "open") {
      const width = Math.min(EDGE, room);
      shapes.push(box(to - width, top, width, height, { fill: faded(colour, "right") }), arrow(to - 2, 1, y, colour));
      to -= width;
    }
    for (const [kind, side] of [[mark.start_is, 1], [mark.end_is, -1]]) {
      if (!["uncertain", "approximate", "both"].includes(kind)) continue;
      const end = ending(kind, side > 0 ? from : to, side, room, top, height, colour);
      shapes.push(...end.shapes);
      if (side > 0) from += end.width;
      else to -= end.width;
    }
    const style = mark.denied ? { fill: look.panel, stroke: colour, lineWidth: 1.5, lineDash: [2, 2] } : { fill: colour, opacity: 0.85 };
    if (to > from) shapes.push(box(from, top, to - from, height, style));
    else if (shapes.length === 0) shapes.push(box(from, top, 3, height, style));
    return { shapes, whole };
  }

  // Marks of a lane on as few rows as they need without touching; each on its own where words stand beside them.
  function rowsOf(marks, gap, apart) {
    const sorted = [...marks].sort((one, other) => (one.start ?? -Infinity) - (other.start ?? -Infinity));
    const ends = [];
    return sorted.map((mark) => {
      const start = mark.start ?? -Infinity;
      let row = apart ? -1 : ends.findIndex((end) => end + gap <= start);
      if (row < 0) row = ends.length;
      const words = mark.count ? 2 * gap : 0;
      ends[row] = words + (mark.end_is === "unknown" ? mark.surely_until + 4 * gap : mark.end ?? Infinity);
      return { mark, row };
    });
  }

  function extent(marks) {
    const moments = marks.flatMap((mark) => [mark.start, mark.end, mark.surely_from, mark.surely_until]).filter((each) => each !== undefined);
    if (moments.length === 0) moments.push(0);
    const first = Math.min(...moments);
    const last = Math.max(...moments);
    const margin = Math.max((last - first) * 0.04, 30 * 2 * HALF_A_DAY);
    return [first - margin, last + margin];
  }

  function legend(data, colours, look) {
    const { words } = data;
    const bare = look.muted;
    const entries = Object.entries(data.families).map(([name, text]) => ({ mark: "area", colour: colours[name], text }));
    return [
      ...entries,
      { mark: "drawing", drawing: "M7 7l6-6 6 6-6 6z", fill: bare, colour: bare, text: words.day },
      { mark: "drawing", drawing: "M1 3h24v8h-24z", fill: bare, colour: bare, text: words.period },
      { mark: "drawing", drawing: "M1 3h4m3 0h4m3 0h4m3 0h3v3m0 3v2h-3m-3 0h-4m-3 0h-4m-3 0h-4v-2m0-3v-3", colour: bare, text: words.somewhere },
      { mark: "drawing", drawing: "M1 7h2m2 0h3m2 0h15M14 4h11v6h-11z", fill: bare, colour: bare, text: words.about },
      { mark: "drawing", drawing: "M2 11l4-8m1 8l4-8m1 8l4-8m1 8l4-8", colour: bare, text: words.perhaps },
      { mark: "drawing", drawing: "M1 7h23M18 2l6 5-6 5", colour: bare, text: words.open },
      { mark: "drawing", drawing: "M1 7h2m2 0h2m2 0h2m2 0h2M18 5q0-3 3-3t3 3q0 2-3 3v1m0 3v1", colour: bare, text: words.unknown },
      { mark: "drawing", drawing: "M8 1v11l3-3 2 4M8 1l8 8h-5", colour: bare, text: words.move },
    ];
  }

  window.pictures.define("timeline", (data, { look, chart, explain }) => {
    const colours = Object.fromEntries(data.colours.map((name, place) => [name, look.series[place % look.series.length]]));
    const isNarrow = chart.getWidth() < 640;
    const gutter = isNarrow ? 8 : Math.min(220, chart.getWidth() * 0.22);
    const [first, last] = extent(data.lanes.flatMap((lane) => lane.marks));

    const items = [];
    const labels = [];
    let row = 0;
    for (const lane of data.lanes) {
      labels.push({ value: [first, row], lane, address: lane.address });
      if (isNarrow) row += 1;
      const placed = rowsOf(lane.marks, (last - first) * 0.012, data.inWords);
      for (const { mark, row: step } of placed) {
        items.push({ value: [first, row + step], mark, address: mark.address });
      }
      row += Math.max(...placed.map((each) => each.row)) + 1;
    }
    const visible = Math.max(6, Math.floor((chart.getHeight() - 96) / ROW));
    const scrolls = row > visible;

    function renderLabel(params, api) {
      const { lane } = labels[params.dataIndex];
      const [, y] = api.coord([first, api.value(1) + 0.5]);
      const plot = params.coordSys;
      if (y < plot.y || y > plot.y + plot.height) return null;
      const edge = y - api.size([0, 1])[1] / 2;
      return {
        type: "group",
        children: [
          lineOf([[isNarrow ? plot.x : 0, edge], [plot.x + plot.width, edge]], { stroke: look.line, lineWidth: 1, opacity: 1 }),
          { type: "text", style: { text: lane.name, x: isNarrow ? plot.x : 4, y, width: isNarrow ? plot.width : gutter - 12, overflow: "truncate", verticalAlign: "middle", fill: look.ink, font: `600 12px ${look.font}` } },
        ],
      };
    }

    function renderMark(params, api) {
      const { mark } = items[params.dataIndex];
      const plot = params.coordSys;
      const place = (moment) => api.coord([moment, 0])[0];
      const [, y] = api.coord([first, api.value(1) + 0.5]);
      if (y < plot.y || y > plot.y + plot.height) return null;
      const colour = colours[mark.family];
      const right = plot.x + plot.width;
      let shapes;
      let whole;
      if (mark.is_day) {
        const x = place(mark.start + HALF_A_DAY);
        shapes = diamond(x, y, mark, colour, look.panel);
        whole = [x - 8, x + 8];
      } else {
        ({ shapes, whole } = bar(mark, plot, place, y, colour, look));
      }
      if (mark.count) {
        shapes.push({ type: "text", style: { text: String(mark.count), x: Math.min(whole[1], right) + 5, y, verticalAlign: "middle", fill: look.muted, font: `11px ${look.font}` } });
      }
      if (data.inWords) {
        const after = Math.min(whole[1], right) + (mark.end_is === "unknown" ? 50 : 8);
        const font = `12px ${look.font}`;
        const style = { text: mark.words, y, verticalAlign: "middle", overflow: "truncate", fill: look.ink, font };
        if (right - after > 120) shapes.push({ type: "text", style: { ...style, x: after, width: right - after } });
        else {
          const start = Math.max(whole[0], plot.x);
          const before = start - (mark.start_is === "unknown" ? 50 : 8);
          if (before - plot.x > 120) shapes.push({ type: "text", style: { ...style, x: before, align: "right", width: before - plot.x } });
          else {
            const room = Math.max(10, Math.floor((Math.min(whole[1], right) - start - 2 * EDGE) / 7)); // letters
            const text = mark.words.length > room ? `${mark.words.slice(0, room)}…` : mark.words;
            shapes.push({ type: "text", style: { ...style, text, overflow: "none", x: start + EDGE, backgroundColor: look.panel, padding: [1, 4] } });
          }
        }
      }
      return { type: "group", children: shapes };
    }

    explain(legend(data, colours, look));
    const wheel = { type: "inside", filterMode: "none" };
    const slider = { type: "slider", filterMode: "none", showDetail: false, brushSelect: false, borderColor: look.line, fillerColor: look.accentSoft, handleStyle: { color: look.panel, borderColor: look.accent }, moveHandleStyle: { color: look.accent }, showDataShadow: false };
    return {
      grid: { left: gutter, right: scrolls ? 34 : 12, top: 28, bottom: 52 },
      xAxis: {
        type: "time", min: first, max: last, position: "top",
        axisLine: { lineStyle: { color: look.line } },
        axisLabel: { color: look.muted, hideOverlap: true, formatter: { year: "{yyyy}", month: "{yyyy}-{MM}", day: "{yyyy}-{MM}-{dd}" } },
        splitLine: { show: true, lineStyle: { color: look.line, opacity: 0.5 } },
      },
      yAxis: { type: "value", inverse: true, min: 0, max: Math.max(row, visible), show: false },
      dataZoom: [
        { ...wheel, xAxisIndex: 0, zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false },
        { ...slider, xAxisIndex: 0, bottom: 10, height: 18 },
        ...(scrolls ? [
          { ...wheel, yAxisIndex: 0, zoomLock: true, zoomOnMouseWheel: false, moveOnMouseWheel: "shift", startValue: 0, endValue: visible },
          { ...slider, yAxisIndex: 0, orient: "vertical", right: 6, width: 16, zoomLock: true, startValue: 0, endValue: visible, handleSize: 0 },
        ] : []),
      ],
      series: [
        { type: "custom", renderItem: renderLabel, data: labels, encode: { x: 0, y: 1 }, clip: false, tooltip: { formatter: (event) => labels[event.dataIndex].lane.name } },
        { type: "custom", renderItem: renderMark, data: items, encode: { x: 0, y: 1 }, clip: true, tooltip: { formatter: (event) => items[event.dataIndex].mark.tip } },
      ],
      tooltip: { show: true },
    };
  });
})();
