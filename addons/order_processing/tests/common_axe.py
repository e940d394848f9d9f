import json
from functools import cache
from importlib.resources import files

from odoo.tests import HttpCase

STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
# What Odoo puts into our pages: its message thread, which loads by itself.
NOT_OURS = ("#sale_order_communication", ".o_portal_chatter")
READY = "document.readyState === 'complete'"
# Whoever sees the page has opened what is folded, and the fonts and colours are there.
CHECK = """
(async () => {
    const {within, exclude, standards, look} = %s;
    const hidden = (node) => !node || exclude.some((selector) => node.closest(selector));
    await document.fonts.ready;
    const root = document.querySelector(within);
    if (!root) { return console.error(`There is no ${within} on this page`); }
    const faults = [];
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    const folded = [...root.querySelectorAll("details:not([open])")];
    folded.forEach((details) => { details.open = true; });
    const wideOpen = document.documentElement.scrollWidth - window.innerWidth;
    if (Math.max(wide, wideOpen) > 0) {
        const over = [...root.querySelectorAll("*")].filter((node) => !hidden(node)
            && node.getBoundingClientRect().right > window.innerWidth + 0.5
            && ![...node.children].some((one) => one.getBoundingClientRect().right > innerWidth + 0.5));
        faults.push(`scrolls sideways by ${Math.max(wide, wideOpen)} px: `
            + over.slice(0, 5).map((node) => node.outerHTML.slice(0, 160)).join(" | "));
    }
    if (look) { await new Promise((done) => setTimeout(done, look)); }
    const excluded = exclude.filter((one) => document.querySelector(one));
    const result = await axe.run(
        {include: [[within]], exclude: excluded.map((one) => [one])},
        {runOnly: {type: "tag", values: standards}, resultTypes: ["violations"]},
    );
    for (const {id, help, nodes} of result.violations) {
        for (const node of nodes.slice(0, 5)) {
            const why = node.any.concat(node.all, node.none).map((one) => one.message).join("; ");
            faults.push(`${id}: ${help}: ${node.html.slice(0, 240)} (${why})`);
        }
    }
    if (faults.length) { console.error(faults.join("\\n")); } else { console.log("test successful"); }
})();
"""


@cache
def _axe():
    """Return axe-core as text; the package that carries it is in requirements.txt."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


class AccessibleCase(HttpCase):
    """Looks at pages as somebody does who cannot see well, or not at all, or has a small screen."""

    def assert_accessible(self, path, login, widths=(1366, 390), within="main", exclude=NOT_OURS, look=0):
        """Open the page at each width; it must have no fault axe-core finds, and not scroll sideways.

        :param path: address of the page, with everything it needs
        :param login: who looks; None for nobody in particular
        :param within: selector of what is looked at: by default the page without Odoo's header and footer
        :param exclude: selectors of what is not ours
        :param look: milliseconds to wait first, for pages that move
        """
        asked = {"within": within, "exclude": list(exclude), "standards": list(STANDARDS), "look": look}
        code = f"{_axe()}\n{CHECK % json.dumps(asked)}"
        size = self.browser_size
        for width in widths:
            self.browser_size = f"{width}x{844 if width < 600 else 900}"
            try:
                with self.subTest(path=path, width=width):
                    self._look_at(path, code, login)
            finally:
                self.browser_size = size

    def _look_at(self, path, code, login):
        try:
            self.browser_js(path, code, ready=READY, login=login)
        except AssertionError as error:
            # Odoo repeats the code that was run, which is half a megabyte of axe-core.
            raise AssertionError(str(error).replace(code, "axe-core")) from None
