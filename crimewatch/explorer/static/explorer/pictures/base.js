// Draws the pictures of a page in its colours, once they come into view. How a picture is made: docs/pictures.md.
(() => {
  const root = document.documentElement;
  const drawings = new Map(); // how each picture is drawn, by its name
  const scripts = new Map(); // what is loaded or on its way, by its address
  const shown = new Map(); // the chart of each figure
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const onPaper = matchMedia("print");
  const number = new Intl.NumberFormat(root.lang || "en");

  // `draw(data, tools)` returns an option of ECharts, or promises one. It is called again when the colours change.
  window.pictures = { define: (name, draw) => drawings.set(name, draw) };

  function load(address) {
    if (!scripts.has(address)) {
      scripts.set(address, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${address} could not be loaded`));
        document.head.append(script);
      }));
    }
    return scripts.get(address);
  }

  // The colours of the page as they are now: `series` tell things apart, `scale` goes from little to much.
  function look() {
    const style = getComputedStyle(root);
    const named = (name) => style.getPropertyValue(`--${name}`).trim();
    const numbered = (name) => {
      const found = [];
      while (named(`${name}-${found.length + 1}`)) found.push(named(`${name}-${found.length + 1}`));
      return found;
    };
    return {
      ink: named("ink"), muted: named("muted"), paper: named("paper"), panel: named("panel"), line: named("line"),
      accent: named("accent"), accentSoft: named("accent-soft"), warn: named("warn"), ok: named("ok"),
      font: getComputedStyle(document.body).fontFamily,
      series: numbered("series"), scale: numbered("scale"),
    };
  }

  const SVG = "http://www.w3.org/2000/svg";

  // The outlines of marks that are neither areas nor lines, in a box of 100 by 100; ECharts calls some by these names.
  const OUTLINES = {
    rect: "M10 10H90V90H10Z",
    triangle: "M50 5L97 92H3Z",
    diamond: "M50 0L100 50L50 100L0 50Z",
  };

  // A mark as it stands in the picture: an area, a circle, an outline, or a line, which may be dashed or dotted. What
  // is none of these is a `drawing`: a path of SVG in the mark's own box of 26 by 14, as a line, with a `fill` or none.
  function mark(entry) {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", "0 0 26 14");
    svg.setAttribute("width", "26");
    svg.setAttribute("height", "14");
    svg.setAttribute("aria-hidden", "true");
    const outline = OUTLINES[entry.mark] ?? entry.mark.match(/^path:\/\/(.+)/)?.[1];
    const shape = document.createElementNS(SVG, outline || entry.drawing ? "path" : { area: "rect", circle: "circle" }[entry.mark] ?? "line");
    const attributes = outline ? { d: outline, transform: "translate(6 0) scale(.14)", fill: entry.colour } : {
      drawing: { d: entry.drawing, fill: entry.fill ?? "none", stroke: entry.colour, "stroke-width": 1.5 },
      area: { x: 1, y: 1, width: 24, height: 12, rx: 2, fill: entry.colour, stroke: entry.edge ?? "none" },
      circle: { cx: 13, cy: 7, r: entry.size ?? 5, fill: entry.colour, stroke: entry.edge ?? "none", "fill-opacity": entry.opacity ?? 1 },
    }[entry.mark] ?? { x1: 1, y1: 7, x2: 25, y2: 7, stroke: entry.colour, "stroke-width": entry.width ?? 2, "stroke-opacity": entry.opacity ?? 1 };
    if (entry.mark === "dashed") attributes["stroke-dasharray"] = "6 4";
    if (entry.mark === "dotted") attributes["stroke-dasharray"] = "2 3";
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
    return svg;
  }

  // What the marks mean, as a list under the picture. An entry: `{mark, colour, text}`.
  function explain(figure, entries) {
    const place = figure.querySelector(".picture-legend");
    const list = document.createElement("ul");
    for (const entry of entries) {
      const item = document.createElement("li");
      if (entry.mark) item.append(mark(entry));
      item.append(entry.text);
      list.append(item);
    }
    place.replaceChildren(list);
    place.hidden = entries.length === 0;
  }

  function dressed(option, colours) {
    return {
      backgroundColor: "transparent",
      animation: !still.matches && !onPaper.matches,
      animationDuration: 400,
      aria: { enabled: false }, // the page describes the picture in sentences
      color: colours.series,
      ...option,
      textStyle: { fontFamily: colours.font, color: colours.ink, ...option.textStyle },
      tooltip: {
        renderMode: "richText", // any other way writes styles into the page, which its policy forbids
        confine: true,
        backgroundColor: colours.panel,
        borderColor: colours.line,
        borderWidth: 1,
        textStyle: { color: colours.ink, fontFamily: colours.font, fontSize: 13, lineHeight: 18 },
        ...option.tooltip,
      },
    };
  }

  const ruler = document.createElement("canvas").getContext("2d");

  // How wide a line of text is in pixels; `font` as in CSS.
  function widthOf(text, font) {
    ruler.font = font;
    return ruler.measureText(text).width;
  }

  // A text in lines that are no wider than `width` pixels. Only a word that is wider by itself is taken apart.
  function linesOf(text, width, font) {
    const lines = [];
    for (const piece of text.match(/\s*(?:[^\s-]+-*|-+)/g) ?? []) {
      if (lines.length && widthOf(lines.at(-1) + piece, font) <= width) {
        lines.push(lines.pop() + piece);
        continue;
      }
      let word = piece.trimStart();
      while (widthOf(word, font) > width && word.length > 1) {
        let fits = word.length - 1;
        while (fits > 1 && widthOf(word.slice(0, fits), font) > width) fits -= 1;
        lines.push(word.slice(0, fits));
        word = word.slice(fits);
      }
      lines.push(word);
    }
    return lines;
  }

  function addressOf(event) {
    return event.data?.address ?? event.region?.address; // of an element of a series, or of an area of a map
  }

  function follow(event) {
    const address = addressOf(event);
    if (!address) return;
    const click = event.event?.event;
    if (click?.ctrlKey || click?.metaKey) window.open(address, "_blank", "noopener");
    else location.assign(address);
  }

  async function draw(figure) {
    const canvas = figure.querySelector(".picture-canvas");
    for (const address of figure.dataset.scripts.split(" ")) await load(address);
    const chart = echarts.init(canvas);
    const isNarrow = () => canvas.clientWidth < 600; // as on a phone
    let wasNarrow = isNarrow();
    const data = JSON.parse(document.getElementById(`${figure.dataset.picture}-data`).textContent);
    const redraw = async () => {
      const colours = look();
      const tools = {
        chart, figure, redraw, look: colours, isSmall: figure.classList.contains("small"),
        number: (value) => number.format(value), explain: (entries) => explain(figure, entries),
        isNarrow: isNarrow(), widthOf, linesOf,
      };
      chart.setOption(dressed(await drawings.get(figure.dataset.picture)(data, tools), colours), { notMerge: true });
    };
    await redraw();
    chart.on("click", follow);
    // Only what leads somewhere looks as if it did.
    chart.on("mousemove", (event) => chart.getZr().setCursorStyle(addressOf(event) ? "pointer" : "default"));
    const sizes = new ResizeObserver(([{ contentRect }]) => {
      if (!contentRect.width || !contentRect.height) return; // nothing can be laid out on no room
      chart.resize();
      if (isNarrow() === wasNarrow) return;
      wasNarrow = isNarrow();
      redraw();
    });
    sizes.observe(canvas);
    shown.set(figure, { redraw, end: () => { sizes.disconnect(); chart.dispose(); } });
    figure.dataset.drawn = "true";
    // The table stood open for those whose browser draws nothing.
    figure.parentElement.querySelector("details.picture-table:not([data-stays-open])")?.removeAttribute("open");
  }

  function fail(figure, error) {
    console.error(error);
    const sentence = document.createElement("p");
    sentence.className = "error";
    sentence.setAttribute("role", "alert");
    sentence.textContent = figure.dataset.failed;
    figure.querySelector(".picture-canvas").replaceWith(sentence);
  }

  // A picture that is part of another page comes when somebody gets to see it. If it does not, the link to it is there.
  async function fetchPicture(place) {
    const response = await fetch(place.dataset.pictureFrom);
    if (!response.ok) return;
    place.innerHTML = await response.text();
    scan();
  }

  const inView = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      inView.unobserve(target);
      if (target.dataset.pictureFrom) fetchPicture(target);
      else draw(target).catch((error) => fail(target, error));
    }
  }, { rootMargin: "200px" });

  function scan() {
    for (const [figure, picture] of shown) {
      if (figure.isConnected) continue;
      picture.end();
      shown.delete(figure);
    }
    for (const place of document.querySelectorAll("[data-picture-from]:not([data-seen])")) {
      place.dataset.seen = "true";
      inView.observe(place);
    }
    for (const figure of document.querySelectorAll("figure[data-picture]:not([data-seen])")) {
      figure.dataset.seen = "true";
      if (figure.dataset.scripts) inView.observe(figure);
    }
  }

  function redrawAll() {
    for (const { redraw } of shown.values()) redraw();
  }

  document.addEventListener("themechange", redrawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  onPaper.addEventListener("change", redrawAll); // paper is white, also where the screen is dark
  document.addEventListener("htmx:afterSettle", scan); // another choice has brought another picture
  scan();
})();
