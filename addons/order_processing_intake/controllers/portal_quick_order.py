import re

from odoo.exceptions import UserError
from odoo.fields import Date, Domain
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal

from ..engine.quantities import UnreadableQuantity, read_quantity
from ..engine.quick_order import read_rows, read_text
from .quick_files import uploaded_lines

PAGE = "/my/quick-order"
LONGEST_TEXT = 200_000
LONGEST_ID = 9
# A quantity we have proposed.
RIGHT = re.compile(r"\d{1,7}(\.\d{1,6})?", re.ASCII)
LENGTHS = {"client_order_ref": 64, "packing_instruction": 2000}


class QuickOrderPortal(CustomerPortal):
    """The customer puts together an order: forms that work alone, and answer in pieces where scripts ask.

    All is found by who is logged in: no address here names a quick order, and ids of lines count only
    within his own.
    """

    # ---------------------------------------------------------------- the page
    @route(PAGE, type="http", auth="user", methods=["GET"], website=True, sitemap=False)
    def portal_quick_order(self, search="", **_given):
        if not self._offers_quick_order():
            return request.redirect("/my")
        quick = self._quick_order()
        if quick.id:
            quick._price_again()
        return self._quick_page(quick, search=search if isinstance(search, str) else "")

    @route(
        f"{PAGE}/products",
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
    )
    def portal_quick_order_products(self, words="", **_given):
        if not self._offers_quick_order() or not isinstance(words, str):
            return request.make_json_response([])
        products = self._quick_orders()._search_products(words)
        return request.make_json_response(
            [{"code": one.default_code or one._quick_name(), "name": one._quick_name()} for one in products]
        )

    # ---------------------------------------------------------------- lines
    @route(f"{PAGE}/add", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_add(self, code="", quantity="", **given):
        """Add what was typed, one product or many lines; what is not understood is added, too, and marked."""

        code, quantity = (one.strip() if isinstance(one, str) else "" for one in (code, quantity))

        def add():
            if not code:
                raise UserError(request.env._("Please type the number or the name of a product."))
            if len(code) > LONGEST_TEXT:
                raise UserError(request.env._("This is too much at once: please upload it as a file."))
            # Typed into its own field, a number behind the name belongs to the name.
            return read_rows([(1, [code, quantity])]) if quantity else read_text(code)

        given |= {"code": code, "quantity": quantity}
        return self._quick_change(lambda quick: (quick._take(add())[0], ""), given)

    @route(f"{PAGE}/upload", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_upload(self, list_file=None, **given):
        return self._quick_change(lambda quick: (quick._take(uploaded_lines(list_file))[0], ""), given)

    @route(f"{PAGE}/update", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_update(self, **given):
        """Take what was changed: quantities, units, products proposed, lines taken out, where to and when."""
        return self._quick_change(lambda quick: (self._take_form(quick, given), ""), given)

    @route(f"{PAGE}/place", type="http", auth="user", methods=["POST"], website=True, sitemap=False)
    def portal_quick_order_place(self, **given):
        if not self._offers_quick_order():
            return request.redirect("/my")
        if placed := self._quick_orders()._last_placed(request.env.user, given.get("quick")):
            return request.redirect(f"/my/orders/{placed.id}?message=placed")
        quick = self._quick_order()
        if not quick.id:
            return request.redirect(PAGE)
        self._take_form(quick, given)
        quick.line_ids._price()
        try:
            with request.env.cr.savepoint():
                order = quick._place(given.get("seen"))
        except UserError as error:
            return self._quick_page(quick, fault=str(error))
        return request.redirect(f"/my/orders/{order.id}?message=placed")

    # ---------------------------------------------------------------- helpers
    @staticmethod
    def _offers_quick_order():
        # sudo: a setting of the company he is a customer of
        return request.env.company.sudo().offers_quick_order

    @staticmethod
    def _quick_orders():
        # sudo: customers have no rights on quick orders and products; his own are found by who he is, and
        # of products only what can be ordered is looked for
        return request.env["order.quick"].sudo().with_context(lang=request.env.lang)

    def _quick_order(self):
        return self._quick_orders()._of(request.env.user)

    def _quick_change(self, change, given):
        """Carry out a change, which returns ``(changed lines, a warning)``, and answer.

        Scripts get pieces of the page; a form alone is led back to the page, or sees what went wrong.
        """
        if not self._offers_quick_order():
            return request.redirect("/my")
        quick = self._quick_orders()._begin(request.env.user)
        before, fault = set(quick.line_ids.ids), ""
        lines = quick.line_ids.browse()
        try:
            with request.env.cr.savepoint():
                lines, fault = change(quick)
        except UserError as error:
            fault = str(error)
        if given.get("piece"):
            return self._quick_piece(quick, before, lines, fault, given)
        if fault:
            return self._quick_page(quick, fault=fault, given=given)
        return request.redirect(PAGE)

    def _quick_piece(self, quick, before, lines, fault, given):
        """Answer a script: rows that are new or changed, those that are gone, and what stands below."""
        quick.invalidate_recordset(["line_ids"])
        changed = quick.line_ids.filtered(lambda line: line in lines)
        # What is there for one line depends on the others of its product.
        lines = quick.line_ids.filtered(lambda line: line in changed or line.product_id in changed.product_id)
        gone = (before | self._quick_asked_for(given)) - set(quick.line_ids.ids)
        if gone - before and not fault:
            fault = request.env._("This line is not there any more: it was taken out or ordered meanwhile.")
        render, qweb = request.env["ir.qweb"]._render, "order_processing_intake.quick_order_"
        rows = [
            {"id": row["line"].id, "html": str(render(f"{qweb}row", {"row": row}))}
            for row in quick._page_rows(lines)
        ]
        summary = {"summary": quick._page_summary(), "request": request, "quick": quick}
        return request.make_json_response(
            {
                "rows": rows,
                "gone": sorted(gone),
                "summary": str(render(f"{qweb}summary", summary)),
                "fault": fault,
                "said": self._quick_words(changed, before),
            }
        )

    @staticmethod
    def _quick_asked_for(given):
        """Return the ids of the lines a form is about, whether they are there or not."""
        numbers = {name.partition("_")[2] for name in given if name.startswith("quantity_")}
        numbers |= {str(given.get(name, "")).partition(":")[0] for name in ("remove", "right", "use")}
        return {int(one) for one in numbers if one.isdecimal() and len(one) <= LONGEST_ID}

    @staticmethod
    def _quick_words(lines, before):
        """Say what has changed, for who cannot see it."""
        new = [line for line in lines if line.id not in before]
        if len(new) == 1:
            return request.env._("Added: %s", new[0].product_id.name or new[0].code)
        return request.env._("%s lines added.", len(new)) if new else request.env._("Changed.")

    def _quick_page(self, quick, fault="", search="", given=None):
        lists = self._quick_lists()._of_customer(request.env.user)
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "quick_order",
            "quick": quick,
            "rows": quick._page_rows(),
            "summary": quick._page_summary(),
            "places": quick._delivery_places(),
            "past_orders": quick._past_orders(),
            "lists": lists,
            "today": Date.context_today(quick),
            "fault": fault,
            "given": given or {},
            "search": search,
            "found": quick._search_products(search) if search else (),
        }
        response = request.render("order_processing_intake.portal_quick_order", values)
        response.headers["Cache-Control"] = "no-store"
        return response

    @staticmethod
    def _quick_lists():
        # sudo: customers have no rights on lists; those of his company are found by who he is
        return request.env["order.quick.list"].sudo()

    # ---------------------------------------------------------------- reading
    def _take_form(self, quick, given):
        """Take what the form of the lines says; return the lines that have changed."""
        given = {name: value for name, value in given.items() if isinstance(value, str)}
        lines = {str(line.id): line for line in quick.line_ids}
        changed = quick.line_ids.browse()
        for name, value in given.items():
            what, _mark, number = name.partition("_")
            if what == "quantity" and (line := lines.get(number)):
                changed |= self._take_quantity(line, value, given.get(f"unit_{number}"))
        number, _mark, right = given.get("right", "").partition(":")
        if (line := lines.get(number)) and RIGHT.fullmatch(right):
            line._set_quantity(right)
            changed |= line
        changed |= self._take_proposal(quick, lines, given.get("use", ""))
        changed |= self._take_out(quick, lines.get(given.get("remove", "")), given)
        changed.exists()._price()
        self._take_details(quick, given)
        return changed

    @staticmethod
    def _take_out(quick, line, given):
        """Take out this line, all, or those that need a look; return those for which there is more now."""
        if given.get("empty"):
            out = quick.line_ids
        elif given.get("drop"):
            out = quick.line_ids.filtered(lambda one: not one._is_fine())
        else:
            out = line or quick.line_ids.browse()
        products = out.product_id
        out.unlink()
        return quick.line_ids.filtered(lambda one: one.product_id in products)

    @staticmethod
    def _take_quantity(line, typed, unit):
        """Take a quantity if it is another; return the line then. What is no number is kept and marked."""
        units = {str(one.id): one for one in line.product_id.uom_id | line.product_id.uom_ids}
        unit = units.get(unit or "", line.uom_id)
        if unit == line.uom_id and typed == line._shown_quantity():
            return line.browse()  # also 1.125, which typed anew could be read two ways
        try:
            quantity = read_quantity(typed)
        except UnreadableQuantity as error:
            line.write({"fault": error.code if line.product_id else line.fault, "given_quantity": typed[:60]})
            return line
        line._set_quantity(quantity, unit)
        return line

    @staticmethod
    def _take_proposal(quick, lines, use):
        """Take the product the customer has chosen, of those proposed for the line or any that is sold."""
        number, _mark, product_id = use.partition(":")
        line = lines.get(number)
        if not line or not product_id.isdecimal() or len(product_id) > LONGEST_ID:
            return quick.line_ids.browse()
        product = quick._orderable(Domain("id", "=", int(product_id)), ["name"])
        return line._set_product(product) if product else line

    def _take_details(self, quick, given):
        values = {name: given[name].strip()[:most] for name, most in LENGTHS.items() if name in given}
        if "requested_date" in given:
            try:
                values["requested_date"] = Date.to_date(given["requested_date"][:10] or None)
            except ValueError:
                values["requested_date"] = False
        if "place" in given:
            places = {str(place.id): place for place in quick._delivery_places()}
            values["partner_shipping_id"] = places[given["place"]].id if given["place"] in places else False
        values = {name: value for name, value in values.items() if (quick[name] or False) != (value or False)}
        if values:
            quick.write(values)
