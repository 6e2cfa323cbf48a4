"""What is measured of a page, in the page. Each answers with a list of sentences, one a fault."""

LIBRARY = r"""
window.proof = (() => {
  const tell = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const seen = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const asideByDesign = (element) => element.closest(".e-skip, .e-said, .visually-hidden");
  function hidden(element) {
    if (!seen(element) || asideByDesign(element)) return true;
    for (let up = element; up; up = up.parentElement)
      if (getComputedStyle(up).clipPath.startsWith("inset(50%")) return true;
    return false;
  }
  function scrolls(element) {
    for (let up = element; up && up !== document.body; up = up.parentElement)
      if (/auto|scroll/.test(getComputedStyle(up).overflowX)) return true;
    return false;
  }
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary";

  function outside() {
    const wide = innerWidth + 0.5, found = [];
    const check = (rects, element) => {
      for (const rect of rects)
        if (rect.width > 1 && (rect.right > wide || rect.left < -0.5))
          return found.push(`${Math.round(rect.left)}–${Math.round(rect.right)} of ${innerWidth}: ${tell(element)}`);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode, element = text.parentElement;
      if (!text.data.trim() || element.closest("svg, option, script") || hidden(element) || scrolls(element)) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      check(range.getClientRects(), element);
    }
    for (const element of document.querySelectorAll(CONTROLS + ", main div, main section, main li, fieldset, header *"))
      if (!hidden(element) && !scrolls(element) && !element.closest("svg") && !element.querySelector("svg"))
        check([element.getBoundingClientRect()], element);
    if (document.documentElement.scrollWidth > innerWidth) found.push("the page scrolls sideways");
    return found;
  }

  // The box that answers to a finger.
  function target(element) {
    if (/radio|checkbox/.test(element.type)) {
      const label = element.closest("label") || document.querySelector(`label[for="${element.id}"]`);
      if (label) return label.getBoundingClientRect();
    }
    if (getComputedStyle(element, "::after").position === "absolute" && element.tagName === "A")
      return element.offsetParent.getBoundingClientRect();
    return element.getBoundingClientRect();
  }
  function inText(element) {
    if (element.tagName !== "A" || getComputedStyle(element).display !== "inline") return false;
    const block = element.closest("p, li, dd, dt, td, th, h1, h2, h3, h4, summary, legend, label, blockquote");
    return !!block && block.innerText.trim() !== element.innerText.trim();
  }
  function small() {
    const found = [];
    for (const element of document.querySelectorAll(CONTROLS)) {
      if (hidden(element)) continue;
      const box = target(element), style = getComputedStyle(element);
      const inline = inText(element);
      const high = inline ? Math.max(box.height, parseFloat(style.lineHeight)) : box.height;
      const needed = inline ? 24 : 44;
      if (high < needed - 0.5 || (!inline && box.width < 43.5))
        found.push(`${Math.round(box.width)} × ${Math.round(high)}: ${tell(element)}`);
    }
    return found;
  }

  function structure() {
    const found = [], every = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")];
    const headings = every.filter((heading) => !heading.closest(".e-summary"));
    const levels = headings.map((heading) => +heading.tagName[1]);
    if (levels.filter((level) => level === 1).length !== 1) found.push("not one h1: " + levels);
    if (levels[0] !== 1) found.push("begins with h" + levels[0]);
    levels.forEach((level, n) => { if (n && level > levels[n - 1] + 1) found.push("skips to " + tell(headings[n])); });
    const bar = [...document.querySelectorAll("body a, body button")].slice(0, 5).map((element) => element.className);
    if (bar.join() !== ",,e-brand,e-help,e-exit") found.push("another order of help and exit: " + bar.join());
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
    ids.forEach((id, n) => { if (ids.indexOf(id) !== n) found.push("twice the id " + id); });
    if (document.querySelectorAll("*").length > 800) found.push(document.querySelectorAll("*").length + " nodes");
    return found;
  }
  const box = (selector) => {
    const {left, top, right, bottom} = document.querySelector(selector).getBoundingClientRect();
    return [left, top, right, bottom].map(Math.round);
  };
  const moving = () => [...document.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element);
    return /[1-9]/.test(style.transitionDuration) || style.animationName !== "none";
  }).map(tell);
  return {outside, small, structure, box, moving, tell, hidden};
})();
"""

# WCAG 1.4.12: nothing may be cut off or pushed aside when somebody asks for more air.
AIR = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
    + "p{margin-bottom:2em!important}");
  document.adoptedStyleSheets = [sheet];
}"""
AXE = """async (options) => {
  const found = await axe.run({...options, resultTypes: ["violations"], preload: false, iframes: false});
  return found.violations.flatMap((fault) => fault.nodes.map((node) =>
    `${fault.id}: ${node.html.slice(0, 160)} ${(node.any[0] || node.all[0] || node.none[0] || {}).message || ""}`));
}"""
