// Flows: what is moved from places on the left to places on the right, one colour for each commodity.
window.pictures.define("flows", (data, { look, explain, chart }) => {
  const colour = (commodity) => look.series[commodity % look.series.length];
  const isNarrow = chart.getWidth() < 600;
  const begins = new Set(data.links.map((link) => link.source));
  // From left to right: how many steps lead to a place. Those from which nothing goes on stand at the right edge.
  const steps = data.nodes.map(() => 0);
  for (let round = 0; round < data.nodes.length; round += 1)
    for (const { source, target } of data.links) steps[target] = Math.max(steps[target], steps[source] + 1);
  const last = Math.max(1, ...steps);
  // The names before the last column and those of the last face each other and share what is between.
  const roomFor = (number) => {
    if (isNarrow) return chart.getWidth() * 0.26;
    const facesAnother = !begins.has(number) || steps[number] === last - 1;
    return Math.min(0.28 * chart.getWidth(), ((chart.getWidth() - 30) / last - 30) * (facesAnother ? 0.5 : 1));
  };
  explain([
    ...data.commodities.map((text, commodity) => ({ mark: "area", colour: colour(commodity), text })),
    { mark: "dashed", colour: look.ink, text: data.words.disputed },
  ]);
  return {
    tooltip: { formatter: (event) => event.data.tip },
    series: [{
      type: "sankey",
      left: 8,
      right: 8,
      top: 12,
      bottom: 12,
      nodeGap: 12,
      nodeWidth: 14,
      draggable: false,
      emphasis: { focus: "adjacency", lineStyle: { opacity: 0.75 } },
      labelLayout: { hideOverlap: true },
      label: { color: look.ink, fontSize: 12, textBorderColor: look.panel, textBorderWidth: 3 },
      data: data.nodes.map((node, number) => ({
        name: String(number), tip: node.tip, address: node.address,
        itemStyle: { color: look.muted, borderWidth: 0 },
        label: {
          formatter: node.name, position: begins.has(number) ? "right" : "left",
          width: roomFor(number), overflow: "truncate",
        },
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
