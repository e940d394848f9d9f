import io

from odoo import models

from odoo.addons.base.models import ir_actions_report

from .stock_picking_papers import LABEL_REPORT, SLIP_REPORT

# Papers that are one for all transfers of a shipment.
JOINED = (LABEL_REPORT, SLIP_REPORT)
PAPERS = (
    *JOINED,
    "order_processing.action_report_wave_pick_list",
    "order_processing.action_report_handover_list",
)


class IrActionsReport(models.Model):
    """Printing our papers: carriers' labels go before ours, and many are printed at once on every machine."""

    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        paper = self._get_report(report_ref).get_external_id().popitem()[1] if res_ids else None
        if paper not in PAPERS:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        records = self.env[self._get_report(report_ref).model].browse(res_ids)
        streams = self._carrier_label_streams(records) if paper == LABEL_REPORT else {}
        rest = records.filtered(lambda record: record.id not in streams)
        if paper in JOINED:
            # Of what is packed together one is enough; none where the carrier's label is on the parcel.
            groups = [group for group in rest._joined_shipments() if not streams.keys() & set(group.ids)]
            rest = rest.browse((group & rest)[:1].id for group in groups)
        # As Debian builds it, wkhtmltopdf makes one document at a time; all labels are one.
        is_one = paper == LABEL_REPORT or self._makes_many_at_once()
        at_once = [rest.ids] if is_one else [[one.id] for one in rest]
        if paper == SLIP_REPORT:
            # Several slips of one transfer: made together with others, only the last would be kept.
            mixed = rest.filtered(lambda picking: len(picking._paper_customers()) > 1)
            at_once = [[id_ for id_ in ids if id_ not in mixed._ids] for ids in at_once]
            at_once += [[id_] for id_ in mixed.ids]
        for ids in at_once:
            if ids:
                streams.update(super()._render_qweb_pdf_prepare_streams(report_ref, data, ids))
        return streams

    def _makes_many_at_once(self):
        return ir_actions_report._wkhtml().is_patched_qt

    def _carrier_label_streams(self, pickings):
        """Return the labels carriers have given: printing ours beside them would mislead."""
        labels = pickings._carrier_labels().filtered(lambda label: label.mimetype == "application/pdf")
        return {
            picking_id: {"stream": self._merged_labels(some), "attachment": None}
            for picking_id, some in labels.grouped("res_id").items()
        }

    def _merged_labels(self, labels):
        streams = [io.BytesIO(label.raw) for label in labels]
        if len(streams) == 1:
            return streams[0]
        with self._merge_pdfs(streams) as merged:
            return io.BytesIO(merged.getvalue())
