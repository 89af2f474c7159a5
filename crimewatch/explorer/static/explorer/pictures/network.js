// The network: records of different kinds by shape and colour, and the ties between them as lines.
(() => {
  const SHAPES = {
    group: "circle",
    person: "triangle",
    activity: "diamond",
    region: "rect",
    agency: "path://M50 0L98 35L79 90L21 90L2 35Z",
    program: "path://M25 5L75 5L100 50L75 95L25 95L0 50Z",
  };
  const COLOURS = { group: 1, person: 6, activity: 2, region: 0, agency: 3, program: 4 };
  const PALE = 0.3;

  // How large a record is drawn, by the number of others that it is tied to; smaller where there is little room.
  function sizesIn(data, width, height) {
    const scale = Math.max(0.55, Math.min(1, Math.sqrt((width * height) / (data.nodes.length * 3000))));
    return data.nodes.map((node) => scale * (Math.min(44, 8 + 4 * Math.sqrt(node.degree)) + (node.centre ? 8 : 0)));
  }

  // Where each record stands in a box of that width and height: tied ones near one another, the rest apart.
  function places(data, sizes, width, height) {
    const nodes = sizes.map((size) => ({ radius: size / 2 }));
    const ties = data.links.map(({ source, target }) => ({ source, target }));
    d3.forceSimulation(nodes)
      .force("ties", d3.forceLink(ties).distance((tie) => 30 + tie.source.radius + tie.target.radius))
      .force("apart", d3.forceManyBody().strength(-180).distanceMax(320))
      .force("room", d3.forceCollide((node) => node.radius + 9))
      .force("x", d3.forceX().strength(0.06))
      .force("y", d3.forceY().strength(0.06 * Math.max(0.5, width / height)))
      .stop()
      .tick(nodes.length > 400 ? 150 : 300);
    const fit = (name, room) => {
      const all = nodes.map((node) => node[name]);
      const first = Math.min(...all);
      const span = Math.max(...all) - first;
      return (value) => (span > 0 ? ((value - first) / span) * room : room / 2);
    };
    const [x, y] = [fit("x", width), fit("y", height)];
    return nodes.map((node) => ({ x: x(node.x), y: y(node.y) }));
  }

  // The name of each record as it stands beside its mark: on that side where the edge of the picture does not cut it,
  // and in lines where there are few names.
  function labels(data, sizes, spread, edge, { look, chart, isNarrow, widthOf, linesOf }) {
    const font = `bold ${isNarrow ? 10 : 12}px ${look.font}`; // as when it is pointed at
    const widest = isNarrow ? 110 : 260;
    return data.nodes.map((node, number) => {
      const at = edge + spread[number].x;
      const gap = sizes[number] / 2 + 8;
      const [left, right] = [at - gap, chart.getWidth() - at - gap];
      const wanted = Math.min(widest, widthOf(node.name, font) + 2);
      const isRight = right >= wanted || right >= left;
      const width = Math.min(wanted, isRight ? right : left);
      const lines = data.nodes.length <= 40 ? linesOf(node.name, width, font) : [node.name];
      return { position: isRight ? "right" : "left", ...(lines.length > 1 ? { formatter: lines.join("\n") } : { width }) };
    });
  }

  window.pictures.define("network", (data, tools) => {
    const { look, explain, chart, isNarrow } = tools;
    const colour = (kind) => look.series[COLOURS[kind]];
    const isSparse = data.links.length <= 25;
    const edge = isNarrow ? 24 : 60;
    const brim = isNarrow ? 24 : 56; // lines between the same two records bend beyond them
    const [width, height] = [chart.getWidth() - 2 * edge, chart.getHeight() - 2 * brim];
    const sizes = sizesIn(data, width, height);
    const spread = places(data, sizes, width, height);
    const names = labels(data, sizes, spread, edge, tools);
    explain([
      ...data.kinds.map((kind) => ({ mark: SHAPES[kind.key], colour: colour(kind.key), text: kind.text })),
      { mark: "line", colour: look.muted, text: data.words.plain },
      { mark: "dashed", colour: look.warn, text: data.words.disputed },
      { mark: "line", colour: look.muted, opacity: PALE, text: data.words.past },
    ]);
    return {
      tooltip: { formatter: (event) => event.data.tip },
      series: [{
        type: "graph",
        layout: "none",
        left: edge,
        right: edge,
        top: brim,
        bottom: brim,
        preserveAspect: "contain",
        roam: matchMedia("(pointer: coarse)").matches ? "scale" : true, // one finger goes on moving the page
        scaleLimit: { min: 0.4, max: 8 },
        draggable: true,
        data: data.nodes.map((node, number) => ({
          name: node.name,
          tip: node.tip,
          address: node.address,
          x: spread[number].x,
          y: spread[number].y,
          symbol: SHAPES[node.kind],
          symbolSize: sizes[number],
          label: names[number],
          itemStyle: { color: colour(node.kind), borderColor: node.centre ? look.ink : look.panel, borderWidth: node.centre ? 3 : 1 },
        })),
        links: data.links.map((link) => ({
          source: link.source,
          target: link.target,
          tip: link.tip,
          symbol: ["none", link.points ? "arrow" : "none"],
          lineStyle: {
            color: link.disputed ? look.warn : look.muted,
            type: link.disputed ? "dashed" : "solid",
            opacity: link.past ? PALE : 0.75,
            width: 1 + Math.min(4, Math.log2(Math.max(1, link.claims))),
          },
          label: { show: isSparse, formatter: link.text, color: look.muted, fontSize: 11 },
        })),
        edgeSymbolSize: 7,
        autoCurveness: true,
        label: { show: true, color: look.ink, fontSize: isNarrow ? 10 : 12, lineHeight: isNarrow ? 12 : 14, formatter: "{b}", overflow: "truncate", textBorderColor: look.panel, textBorderWidth: 2 },
        // Larger marks keep their names first; the few words on lines stay.
        labelLayout: ({ dataType }) => ({ hideOverlap: dataType !== "edge" }),
        emphasis: { focus: "adjacency", label: { show: true, fontWeight: "bold" }, lineStyle: { width: 4 } },
        blur: { itemStyle: { opacity: 0.15 }, lineStyle: { opacity: 0.08 }, label: { show: false } },
      }],
    };
  });
})();
