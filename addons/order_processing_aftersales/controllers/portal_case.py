import uuid

from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request, route
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.sale.controllers.portal import CustomerPortal

from ..engine.photos import MAX_BYTES, MAX_PHOTOS
from ..models.order_case_portal import MAX_WORDS, _words

PER_PAGE = 20
MAX_ID = 2**31 - 1  # the database knows no bigger one


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
        return self._case_not_kept(self._case_page(case, message=message))

    def _case_page(self, case, **values):
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
        order_sudo = self._order_of_case(order, access_token)
        if not order_sudo:
            return request.redirect("/my")
        return self._case_not_kept(self._new_case_page(order_sudo, access_token, {"once": str(uuid.uuid4())}))

    @route("/my/cases/new", type="http", auth="public", methods=["POST"], website=True, sitemap=False)
    def portal_make_case(self, order=None, access_token=None, **given):
        order_sudo = self._order_of_case(order, access_token)
        if not order_sudo:
            return request.redirect("/my")
        given = {name: value for name, value in given.items() if isinstance(value, str)}
        # sudo: for the order this customer may read; he has no rights on the model
        cases = request.env["order.case"].sudo().with_company(order_sudo.company_id)
        author = self._case_author(order_sudo.partner_id)
        case, faults = cases._open_from_form(order_sudo, author, given, self._case_photos_sent())
        if faults:
            return self._case_not_kept(self._new_case_page(order_sudo, access_token, given, faults))
        return request.redirect(case.get_portal_url(query_string="&message=made"))

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
        photos = case._read_photos(self._case_photos_sent(), faults)
        if not words and not photos and not faults or len(words) > MAX_WORDS:
            faults["answer"] = request.env._("Please write in up to %s characters.", MAX_WORDS)
        if case.state == "closed":
            faults["answer"] = request.env._("This is closed. Please write a new message about your order.")
        if faults:
            return self._case_not_kept(self._case_page(case, faults=faults, answer_given=words))
        files = case._keep_photos(photos)
        case.message_post(
            body=words,
            author_id=self._case_author(case.partner_id).id,
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
        case = request.env["order.case"].sudo().browse(case_id if case_id <= MAX_ID else 0).exists()
        user = request.env.user
        token = access_token if isinstance(access_token, str) and access_token.isascii() else ""
        keyed = bool(case and case.access_token and token) and consteq(case.access_token, token)
        if not case or not (keyed or case._is_customer(user) or case._staff_reads(user)):
            return None
        return case.with_company(case.company_id)

    @staticmethod
    def _case_author(customer):
        """Return who writes: nobody is logged in behind a signed link, it is the customer's."""
        user = request.env.user
        return customer if user._is_public() else user.partner_id

    def _order_of_case(self, order, access_token):
        try:
            order_id = int(order)
            if not 0 < order_id <= MAX_ID:
                return None
            order_sudo = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError, TypeError, ValueError):
            return None
        return order_sudo if order_sudo._may_complain(request.env.user) else None

    # ---------------------------------------------------------------- the form
    def _new_case_page(self, order, access_token, given, faults=None):
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
    def _case_photos_sent():
        """Return ``(name, content)`` of what was sent, of each just enough to see that it is too big."""
        files = [file for file in request.httprequest.files.getlist("photos") if file.filename]
        return [(file.filename, file.read(MAX_BYTES + 1)) for file in files[: MAX_PHOTOS + 1]]

    @staticmethod
    def _case_not_kept(response):
        # The address may hold the key: no copy in between, no trace at other sites.
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
