// The map: countries and departments as areas, other places as points.
(() => {
  // All outlines that are installed, each named as the page names it.
  async function outlines(data) {
    const world = await (await fetch(data.countries)).json();
    const countries = topojson.feature(world, world.objects.countries).features
      .filter((feature) => feature.id)
      .map((feature) => ({ ...feature, properties: { name: feature.id } }));
    const peru = echarts.parseGeoJSON(echarts.getMap("秘鲁").geoJSON)
      .map((region) => ({ region, name: `PE:${region.name}` }));
    const departments = echarts.getMap("秘鲁").geoJSON.features.map((feature, place) => ({
      ...feature, properties: { name: peru[place].name },
    }));
    return { type: "FeatureCollection", features: [...countries, ...departments] };
  }

  let registered = null;

  window.pictures.define("map", async (data, { look }) => {
    registered ??= outlines(data).then((geoJSON) => echarts.registerMap("crimewatch", { geoJSON }));
    await registered;
    const level = (claims) => look.scale[Math.min(4, Math.floor((Math.log(claims + 1) / Math.log(data.most + 1)) * 4.99))];
    const areas = data.elements.filter((element) => element.shape);
    const points = data.elements.filter((element) => !element.shape && element.point);
    return {
      geo: {
        map: "crimewatch",
        roam: true,
        boundingCoords: [[-85, 2], [-62, -20]],
        aspectScale: 1,
        itemStyle: { areaColor: look.paper, borderColor: look.line },
        emphasis: { itemStyle: { areaColor: look.accentSoft }, label: { show: false } },
        select: { disabled: true },
        tooltip: { show: true, formatter: (event) => areas.find((area) => area.shape === event.name)?.tip ?? "" },
        regions: areas.map((area) => ({ name: area.shape, address: area.address, itemStyle: { areaColor: level(area.claims) } })),
      },
      series: [{
        type: "scatter",
        coordinateSystem: "geo",
        data: points.map((point) => ({ name: point.name, value: [...point.point, point.claims], tip: point.tip, address: point.address })),
        symbolSize: (value) => 6 + 3 * Math.sqrt(value[2]),
        itemStyle: { color: look.accent, opacity: 0.7 },
        tooltip: { formatter: (event) => event.data.tip },
      }],
      tooltip: { show: true },
    };
  });
})();
