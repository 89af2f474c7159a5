// Flows: what is moved from places on the left to places on the right, one colour for each commodity.
window.pictures.define("flows", (data, { look, explain, chart, figure, isNarrow, linesOf }) => {
  const colour = (commodity) => look.series[commodity % look.series.length];
  const begins = new Set(data.links.map((link) => link.source));
  // From left to right: how many steps lead to a place. Those from which nothing goes on stand at the right edge.
  const steps = data.nodes.map(() => 0);
  for (let round = 0; round < data.nodes.length; round += 1)
    for (const { source, target } of data.links) steps[target] = Math.max(steps[target], steps[source] + 1);
  const last = Math.max(1, ...steps);

  // Where there is room beside the places: the names before the last column and those of the last face each other and
  // share what is between.
  function wide() {
    const roomFor = (number) => {
      const facesAnother = !begins.has(number) || steps[number] === last - 1;
      return Math.min(0.28 * chart.getWidth(), ((chart.getWidth() - 30) / last - 30) * (facesAnother ? 0.5 : 1));
    };
    return {
      right: 8, top: 12, bottom: 12, nodeGap: 12, nodeWidth: 14, letters: 12, height: "",
      labels: data.nodes.map((node, number) => ({
        formatter: node.name, position: begins.has(number) ? "right" : "left",
        width: roomFor(number), overflow: "truncate",
      })),
    };
  }

  // On a phone: every name stands behind its place, whole and in lines, and the picture is as high as that takes.
  function narrow() {
    const [letters, line, nodeWidth, highest] = [11, 13, 10, 1800];
    const room = Math.max(56, (chart.getWidth() - 8) / (last + 1) - nodeWidth - 6);
    const names = data.nodes.map((node) => linesOf(node.name, room, `${letters}px ${look.font}`));
    const columns = Array.from({ length: last + 1 }, () => []);
    names.forEach((lines, number) => columns[begins.has(number) ? steps[number] : last].push(line * lines.length));
    const most = Math.max(...columns.map((column) => column.length));
    // Neighbours in a column are as far apart as its two highest names need.
    const apart = columns.filter((column) => column.length > 1).map((column) => {
      const [first, second] = column.sort((one, other) => other - one);
      return (first + second) / 2;
    });
    const nodeGap = Math.min(Math.max(12, ...apart), highest / most - 12);
    const brim = Math.max(12, ...columns.flat().map((height) => height / 2)); // for names of places at the edge
    const height = 2 * brim + most * (nodeGap + 12);
    return {
      right: room + 6, top: brim, bottom: brim, nodeGap, nodeWidth, letters, height: `max(${Math.round(height)}px, 68vh)`,
      labels: names.map((lines) => ({ formatter: lines.join("\n"), position: "right", lineHeight: line })),
    };
  }

  const { labels, letters, height, ...room } = isNarrow ? narrow() : wide();
  figure.querySelector(".picture-canvas").style.height = height;
  chart.resize();
  explain([
    ...data.commodities.map((text, commodity) => ({ mark: "area", colour: colour(commodity), text })),
    { mark: "dashed", colour: look.ink, text: data.words.disputed },
  ]);
  return {
    tooltip: { formatter: (event) => event.data.tip },
    series: [{
      type: "sankey",
      left: 8,
      ...room,
      draggable: false,
      emphasis: { focus: "adjacency", lineStyle: { opacity: 0.75 } },
      labelLayout: { hideOverlap: true },
      label: { color: look.ink, fontSize: letters, textBorderColor: look.panel, textBorderWidth: 3 },
      data: data.nodes.map((node, number) => ({
        name: String(number), tip: node.tip, address: node.address,
        itemStyle: { color: look.muted, borderWidth: 0 },
        label: labels[number],
      })),
      links: data.links.map((link) => ({
        source: String(link.source),
        target: String(link.target),
        value: link.width,
        tip: link.tip,
        address: link.address,
        lineStyle: {
          color: colour(link.commodity),
          opacity: link.disputed ? 0.3 : 0.55,
          borderColor: link.disputed ? look.ink : "transparent",
          borderWidth: link.disputed ? 1 : 0,
          borderType: "dashed",
        },
      })),
    }],
  };
});
