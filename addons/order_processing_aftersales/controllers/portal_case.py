import uuid

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request, route
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.sale.controllers.portal import CustomerPortal

from ..engine.photos import MAX_BYTES, MAX_PHOTOS
from ..models.order_case_portal import MAX_OPEN, MAX_WORDS, OPEN, _words

PER_PAGE = 20


class CasePortal(CustomerPortal):
    """The customer says what is wrong, sees what is done, and answers; logged in or by signed link.

    Whoever is not allowed gets the answer for what does not exist.
    """

    # ---------------------------------------------------------------- seeing
    @route(["/my/cases", "/my/cases/page/<int:page>"], type="http", auth="user", website=True, sitemap=False)
    def portal_my_cases(self, page=1, **_given):
        # sudo: of the customer's own company only; customers may not read the model
        cases = request.env["order.case"].sudo()
        domain = cases._portal_domain(request.env.user)
        pager = portal_pager(url="/my/cases", total=cases.search_count(domain), page=page, step=PER_PAGE)
        values = {
            **self._prepare_portal_layout_values(),
            "cases": cases.search(domain, order="id desc", limit=PER_PAGE, offset=pager["offset"]),
            "pager": pager,
            "page_name": "cases",
            "default_url": "/my/cases",
        }
        return request.render("order_processing_aftersales.portal_my_cases", values)

    @route(
        "/my/cases/<int:case_id>", type="http", auth="public", methods=["GET"], website=True, sitemap=False
    )
    def portal_case(self, case_id, access_token=None, message=None, **_given):
        case = self._case_of(case_id, access_token)
        if not case:
            return request.redirect("/my")
        return self._not_kept(self._case_page(case, access_token, message=message))

    def _case_page(self, case, access_token, **values):
        return request.render(
            "order_processing_aftersales.portal_case",
            {
                "case": case,
                "order_case": case,
                "access_token": case._portal_ensure_token(),
                "page_name": "case",
                "max_words": MAX_WORDS,
                **values,
            },
        )

    @route(
        "/my/cases/<int:case_id>/file/<int:file_id>",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def portal_case_file(self, case_id, file_id, access_token=None, **_given):
        case = self._case_of(case_id, access_token)
        file = (
            (case._portal_photos() | case._portal_labels()).filtered(lambda one: one.id == file_id)
            if case
            else None
        )
        if not file:
            raise request.not_found()
        is_photo = file.description == "photo" and file.mimetype in ("image/jpeg", "image/png", "image/webp")
        shown = "inline" if is_photo else "attachment"
        headers = [
            ("Content-Type", file.mimetype if is_photo else "application/octet-stream"),
            ("Content-Disposition", content_disposition(file.name, shown)),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; sandbox"),
            ("Cache-Control", "private, no-store"),
        ]
        return request.make_response(file.raw, headers)

    # ---------------------------------------------------------------- saying
    @route("/my/cases/new", type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def portal_new_case(self, order=None, access_token=None, **_given):
        order_sudo = self._order_of(order, access_token)
        if not order_sudo:
            return request.redirect("/my")
        return self._not_kept(self._new_page(order_sudo, access_token, {"once": str(uuid.uuid4())}))

    @route("/my/cases/new", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def portal_make_case(self, order=None, access_token=None, **given):
        order_sudo = self._order_of(order, access_token)
        if not order_sudo:
            return request.redirect("/my")
        given = {name: value for name, value in given.items() if isinstance(value, str)}
        # sudo: for the order this customer may read; he has no rights on the model
        cases = request.env["order.case"].sudo().with_company(order_sudo.company_id)
        once = f"{order_sudo.id}:{given.get('once', '')[:64]}"
        if before := given.get("once") and cases.search([("once", "=", once)], limit=1):
            return request.redirect(before.get_portal_url())
        values, photos, faults = cases._read_form(order_sudo, given, self._sent_photos())
        if cases.search_count([("order_id", "=", order_sudo.id), ("state", "in", OPEN)]) >= MAX_OPEN:
            faults["description"] = request.env._(
                "Please add it to one of your open messages about this order."
            )
        if faults:
            return self._not_kept(self._new_page(order_sudo, access_token, given, faults))
        partner = order_sudo.partner_id if request.env.user._is_public() else request.env.user.partner_id
        if partner.commercial_partner_id != order_sudo.partner_id.commercial_partner_id:
            partner = order_sudo.partner_id
        try:
            with request.env.cr.savepoint():
                case = self._make(
                    cases, {**values, "partner_id": partner.id}, photos, given.get("once") and once
                )
        except IntegrityError:  # two clicks at the same moment: the other one has made it
            return request.redirect(order_sudo.get_portal_url())
        return request.redirect(case.get_portal_url(query_string="&message=made"))

    @staticmethod
    def _make(cases, values, photos, once):
        case = cases.create({**values, "once": once or False})
        case._keep_photos(photos)
        case.env.flush_all()
        return case

    @route(
        "/my/cases/<int:case_id>/answer",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def portal_case_answer(self, case_id, access_token=None, answer="", **_given):
        case = self._case_of(case_id, access_token)
        if not case:
            return request.redirect("/my")
        faults, words = {}, _words(answer)
        photos = case._read_photos(self._sent_photos(), faults)
        if not words and not photos or len(words) > MAX_WORDS:
            faults["answer"] = request.env._("Please write in up to %s characters.", MAX_WORDS)
        if case.state == "closed":
            faults["answer"] = request.env._("This is closed. Please write a new message about your order.")
        if faults:
            return self._not_kept(self._case_page(case, access_token, faults=faults, answer_given=words))
        files = case._keep_photos(photos)
        user = request.env.user
        author = user.partner_id if case._is_customer(user) else case.partner_id
        case.message_post(
            body=words,
            author_id=author.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=files.ids,
        )
        return request.redirect(case.get_portal_url(query_string="&message=sent"))

    # ---------------------------------------------------------------- who may
    @staticmethod
    def _case_of(case_id, access_token):
        """Return the case, if it is the customer's or he has its key; nothing otherwise."""
        # sudo: customers have no rights on the model; whose it is is looked at here
        case = request.env["order.case"].sudo().browse(case_id).exists()
        user = request.env.user
        token = access_token if isinstance(access_token, str) and access_token.isascii() else ""
        keyed = bool(case and case.access_token and token) and consteq(case.access_token, token)
        if not case or not (keyed or case._is_customer(user) or case._staff_reads(user)):
            return None
        return case.with_company(case.company_id)

    def _order_of(self, order, access_token):
        try:
            order_sudo = self._document_check_access("sale.order", int(order), access_token=access_token)
        except (AccessError, MissingError, TypeError, ValueError):
            return None
        return order_sudo if order_sudo._may_complain() else None

    # ---------------------------------------------------------------- the form
    def _new_page(self, order, access_token, given, faults=None):
        cases = request.env["order.case"].sudo()  # sudo: words of its choices only
        lines = request.env["order.case.line"].sudo()  # sudo: words of its choices only
        values = {
            "order": order,
            "access_token": access_token or "",
            "given": given,
            "faults": faults or {},
            "kinds": cases._fields["kind"]._description_selection(cases.env),
            "reasons": lines._fields["reason"]._description_selection(lines.env),
            "goods": order.order_line.filtered(lambda line: line.product_id and not line.display_type),
            "max_words": MAX_WORDS,
            "max_photos": MAX_PHOTOS,
            "page_name": "case_new",
        }
        return request.render("order_processing_aftersales.portal_new_case", values)

    @staticmethod
    def _sent_photos():
        """Return ``(name, content)`` of what was sent, of each just enough to see that it is too big."""
        files = [file for file in request.httprequest.files.getlist("photos") if file.filename]
        return [(file.filename, file.read(MAX_BYTES + 1)) for file in files[: MAX_PHOTOS + 1]]

    @staticmethod
    def _not_kept(response):
        # The address may hold the key: no copy in between, no trace at other sites.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
