// The map: countries and departments as areas, other places as points, zones as what they are made of, legs as lines.
(() => {
  const PERU = "秘鲁"; // the name by which the package registers the departments
  const ANTARCTICA = "010";
  const SOFT = 3; // from this precision on a point is somewhere about

  let installed = null; // outlines by the names that the page has for them

  // A ring that runs once round the globe was cut at the date line and would be drawn as a stroke across the map.
  function isSound(ring) {
    const longitudes = ring.map((point) => point[0]);
    return Math.max(...longitudes) - Math.min(...longitudes) < 300;
  }

  function named(name, geometry) {
    const areas = polygons(geometry).filter((rings) => isSound(rings[0]));
    return { type: "Feature", properties: { name }, geometry: { type: "MultiPolygon", coordinates: areas } };
  }

  function polygons(geometry) {
    if (geometry.type === "MultiPolygon") return geometry.coordinates;
    return geometry.type === "Polygon" ? [geometry.coordinates] : [];
  }

  async function outlines(address) {
    const world = await (await fetch(address)).json();
    const countries = topojson.feature(world, world.objects.countries).features
      .filter((feature) => feature.id && feature.id !== ANTARCTICA)
      .map((feature) => named(feature.id, feature.geometry));
    const peru = echarts.getMap(PERU).geoJSON;
    echarts.parseGeoJSON(peru); // unpacks it in place
    const departments = peru.features.map((feature) => named(`PE:${feature.properties.name}`, feature.geometry));
    return new Map([...countries, ...departments].map((feature) => [feature.properties.name, feature]));
  }

  // The outermost of `points`, in order: what a thread round them touches (Andrew's monotone chain).
  function hull(points) {
    const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    const half = (ordered) => ordered.reduce((chain, point) => {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      return [...chain, point];
    }, []).slice(0, -1);
    return [...half(sorted), ...half(sorted.reverse())];
  }

  // A colour, given as #rrggbb, that lets through what lies under it.
  const faint = (hex, opacity) => `rgba(${[1, 3, 5].map((place) => parseInt(hex.slice(place, place + 2), 16)).join(",")},${opacity})`;

  const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);

  window.pictures.define("map", async (data, tools) => {
    const { look, explain, isSmall, chart } = tools;
    const colour = (name) => {
      const [kind, place] = name.split("-");
      return place ? look[kind][place - 1] : look[name];
    };
    installed ??= outlines(data.countries);
    const shapes = new Map(await installed);
    const own = data.elements.filter((element) => element.outline);
    for (const element of own) {
      if (polygons(element.outline).length) {
        element.shape = `own:${element.address}`;
        shapes.set(element.shape, named(element.shape, element.outline));
      }
    }
    const name = own.length ? "crimewatch-own" : "crimewatch";
    if (own.length || !echarts.getMap(name)) {
      echarts.registerMap(name, { geoJSON: { type: "FeatureCollection", features: [...shapes.values()] } });
    }

    const rings = (shape) => (shapes.get(shape)?.geometry.coordinates ?? []).map((area) => area[0]);
    const biggest = (shape) => rings(shape).sort((a, b) => b.length - a.length)[0] ?? [];
    const place = (element) => {
      if (element.point) return element.point;
      const around = element.shape ? biggest(element.shape) : [...element.points, ...element.shapes.flatMap(biggest)];
      return around.length ? middle(around) : null;
    };

    const areas = data.elements.filter((element) => shapes.has(element.shape));
    const zones = data.elements.filter((element) => !element.shape && (element.shapes.length || element.points.length > 2));
    const lines = own.filter((element) => !element.shape);
    // Wide circles first, so that what is known well lies on top and can be clicked.
    const points = data.elements
      .filter((element) => !shapes.has(element.shape) && !element.shapes.length && !lines.includes(element) && place(element))
      .sort((a, b) => b.precision - a.precision);

    explain(data.legend.map((entry) => {
      const ink = entry.colour ? colour(entry.colour) : "transparent";
      if (entry.mark === "soft") return { ...entry, mark: "circle", colour: ink, opacity: 0.25, edge: ink, size: 6 };
      return { ...entry, colour: ink, edge: entry.mark === "area" ? look.muted : undefined };
    }));

    // What the map shows at first: all but whole countries, where there is anything smaller.
    const near = data.elements.filter((element) => !element.is_wide);
    const box = (near.length ? near : data.elements).flatMap((element) => {
      const own = [element.shape, ...element.shapes].flatMap(rings).flat();
      return own.length ? own : [place(element)].filter(Boolean);
    });
    const edge = (axis, most) => box.reduce((found, point) => Math[most](found, point[axis]), most === "min" ? Infinity : -Infinity);
    const fit = box.length ? [[edge(0, "min") - 1, edge(1, "max") + 1], [edge(0, "max") + 1, edge(1, "min") - 1]] : [[-170, 75], [180, -56]];
    const latitude = (fit[0][1] + fit[1][1]) / 2;

    const label = { color: look.ink, textBorderColor: look.panel, textBorderWidth: 3, fontFamily: look.font, fontSize: isSmall ? 10 : 12 };
    const size = (element) => {
      if (!element.colour) return 5;
      const known = 7 + 2.2 * Math.log2(element.claims + 1);
      return element.precision < SOFT ? known : known + 5 * (element.precision - 1);
    };
    const bends = new Map();
    const bend = (leg) => {
      const pair = `${leg.from}-${leg.to}`;
      bends.set(pair, (bends.get(pair) ?? -1) + 1);
      return 0.15 + 0.12 * bends.get(pair);
    };

    function zone(parameters, api) {
      const element = zones[parameters.dataIndex];
      const parts = element.shapes.flatMap(rings);
      const around = element.points.length > 2 ? [hull(element.points)] : [];
      const ink = element.colour ? colour(element.colour) : look.accent;
      // What lies under a zone is clicked through it, the zone itself on its edge.
      const ring = (points, isHull) => {
        const shape = { points: points.map((point) => api.coord(point)) };
        return [
          { type: "polygon", shape, silent: true, style: { fill: faint(ink, 0.18) } },
          { type: "polygon", shape, style: { fill: null, stroke: look.accent, lineWidth: 2, lineDash: isHull ? [3, 3] : null } },
        ];
      };
      return { type: "group", children: [...parts.flatMap((points) => ring(points, false)), ...around.flatMap((points) => ring(points, true))] };
    }

    buttons(tools, data.words);
    return {
      geo: {
        map: name,
        roam: !isSmall,
        scaleLimit: { min: 0.05, max: 60 },
        boundingCoords: chart.wholeWorld ? [[-170, 75], [180, -56]] : fit,
        aspectScale: Math.max(0.5, Math.cos((latitude * Math.PI) / 180)),
        itemStyle: { areaColor: look.paper, borderColor: look.line, borderWidth: 0.7 },
        label: { ...label, show: false, formatter: "" },
        emphasis: { itemStyle: { areaColor: look.accentSoft }, label: { show: false } },
        select: { disabled: true },
        tooltip: { show: true, formatter: (event) => areas.find((area) => area.shape === event.name)?.tip ?? "" },
        regions: areas.map((area) => ({
          name: area.shape,
          address: area.address,
          itemStyle: {
            ...(area.colour ? { areaColor: colour(area.colour) } : {}),
            borderColor: look.panel,
            borderWidth: 1,
          },
          emphasis: { itemStyle: { areaColor: area.colour ? colour(area.colour) : look.accentSoft, borderColor: look.ink, borderWidth: 1.5 } },
          label: { ...label, show: !isSmall && !area.is_wide, formatter: area.sign },
        })),
      },
      tooltip: { show: true },
      series: [
        {
          type: "custom",
          coordinateSystem: "geo",
          renderItem: zone,
          data: zones.map((element) => ({ value: place(element), address: element.address, tip: element.tip })),
          tooltip: { formatter: (event) => event.data.tip },
          z: 3,
        },
        {
          type: "lines",
          coordinateSystem: "geo",
          polyline: true,
          data: lines.flatMap((element) => (element.outline.type === "LineString" ? [element.outline.coordinates] : element.outline.coordinates)
            .map((coords) => ({ coords, address: element.address, tip: element.tip }))),
          lineStyle: { color: look.series[0], width: 3, opacity: 1 },
          tooltip: { formatter: (event) => event.data.tip },
          z: 3,
        },
        {
          type: "lines",
          coordinateSystem: "geo",
          symbol: ["none", "arrow"],
          symbolSize: isSmall ? 6 : 9,
          data: data.legs.map((leg) => ({
            coords: [place(data.ends[leg.from]), place(data.ends[leg.to])],
            address: leg.address,
            tip: leg.tip,
            lineStyle: {
              color: colour(leg.colour),
              width: 1.5 + Math.log2(leg.claims),
              opacity: 1,
              curveness: bend(leg),
              type: leg.is_disputed ? [6, 4] : "solid",
            },
            label: { ...label, show: !isSmall && leg.sign !== "", formatter: leg.sign, position: "middle", color: colour(leg.colour) },
          })),
          tooltip: { formatter: (event) => event.data.tip },
          z: 4,
        },
        {
          type: "scatter",
          coordinateSystem: "geo",
          data: points.map((element) => ({
            name: element.name,
            value: place(element),
            address: element.address,
            tip: element.tip,
            symbolSize: size(element) * (isSmall ? 0.7 : 1),
            itemStyle: {
              color: faint(element.colour ? colour(element.colour) : look.panel, element.precision < SOFT ? 1 : 0.4),
              borderColor: look.ink,
              borderWidth: 1,
              borderType: element.precision < SOFT ? "solid" : "dashed",
            },
            label: { ...label, show: !isSmall && size(element) > 14, formatter: element.sign },
          })),
          labelLayout: { hideOverlap: true },
          emphasis: { itemStyle: { borderWidth: 2 } },
          tooltip: { formatter: (event) => event.data.tip },
          z: 5,
        },
      ],
    };
  });

  // Nearer, farther and the whole world, for those who have no wheel to turn.
  function buttons({ chart, figure, isSmall, redraw }, words) {
    if (isSmall || figure.querySelector(".picture-buttons")) return;
    const bar = document.createElement("div");
    bar.className = "picture-buttons";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", words.buttons);
    const zoom = (factor) => chart.dispatchAction({
      type: "geoRoam", componentType: "geo", geoIndex: 0, zoom: factor,
      originX: chart.getWidth() / 2, originY: chart.getHeight() / 2,
    });
    const world = (isWhole) => () => {
      chart.wholeWorld = isWhole;
      redraw();
    };
    for (const [sign, text, act] of [
      ["+", words.nearer, () => zoom(1.5)],
      ["−", words.farther, () => zoom(1 / 1.5)],
      ["◯", words.all, world(true)],
      ["⌂", words.back, world(false)],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = text;
      button.setAttribute("aria-label", text);
      button.addEventListener("click", act);
      bar.append(button);
    }
    figure.prepend(bar);
  }
})();
