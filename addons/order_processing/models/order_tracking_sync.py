from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..engine.freight_seen import key_of
from ..engine.tracking import TERMINAL, Status
from .order_shipment_parcel import REUSED_AFTER_DAYS

OVER = tuple(one.value for one in TERMINAL)
# A number is known to the carrier a while after the parcel was handed over.
FIRST_POLL = timedelta(minutes=10)
AT_ONCE = 1000
LINK = """
INSERT INTO order_shipment_order_shipment_parcel_rel (order_shipment_id, order_shipment_parcel_id)
SELECT * FROM unnest(%s::int[], %s::int[]) ON CONFLICT DO NOTHING"""
UNLINK = """
DELETE FROM order_shipment_order_shipment_parcel_rel AS link
 USING unnest(%s::int[], %s::int[]) AS gone (shipment, parcel)
 WHERE link.order_shipment_id = gone.shipment AND link.order_shipment_parcel_id = gone.parcel"""


class OrderShipment(models.Model):
    _inherit = "order.shipment"

    def _sync_parcels(self):
        """Make and link a parcel for each number, and unlink those whose number is gone."""
        for ids in split_every(AT_ONCE, self.ids):
            self.browse(ids)._sync_some()

    def _sync_some(self):
        numbers = {shipment: shipment._number_keys() for shipment in self}
        known = self._known_parcels({key for keys in numbers.values() for key in keys})
        before = {shipment: shipment.parcel_ids for shipment in self}
        wanted = self._wanted_parcels(numbers, known)
        changed = self.filtered(lambda one: before[one] != wanted[one])
        said = changed.filtered(lambda one: one.status != "pending" and one._was_said(before[one]))
        dropped = self.parcel_ids
        changed._link(before, wanted)
        (dropped - self.parcel_ids)._leave()
        self.parcel_ids._sync_provider()
        for status, shipments in said.grouped("status").items():
            shipments._note_by_hand(status)
        # What is known of these parcels is known of the shipment from now on.
        (changed - said).parcel_ids._update_shipments()

    def _was_said(self, parcels):
        """Tell whether its status is what people said, not what scans of its parcels say."""
        return not parcels or any(event.source == "hand" for event in parcels.event_ids)

    def _link(self, before, wanted):
        """Let each of these have the parcels it is to have, in two statements for all."""
        pairs = {(one, parcel) for one in self for parcel in wanted[one] - before[one]}
        gone = {(one, parcel) for one in self for parcel in before[one] - wanted[one]}
        self.env.flush_all()
        for query, links in ((LINK, pairs), (UNLINK, gone)):
            if links:
                ids = zip(*sorted((one.id, parcel.id) for one, parcel in links), strict=True)
                self.env.cr.execute(SQL(query, *map(list, ids)))
        self.invalidate_recordset(["parcel_ids"], flush=False)
        self.env["order.shipment.parcel"].invalidate_model(["shipment_ids"], flush=False)
        self.modified(["parcel_ids"])

    def _wanted_parcels(self, numbers, known):
        """Return {shipment: its parcels}, those made that are missing."""
        wanted, missing = defaultdict(self.env["order.shipment.parcel"].browse), defaultdict(list)
        for shipment, keys in numbers.items():
            for key in keys:
                if parcel := shipment._parcel_of(key, known):
                    wanted[shipment] |= parcel
                else:
                    missing[shipment.company_id.id, key, shipment.carrier_id.id].append(shipment)
        made = self._make_parcels(missing, known, numbers)
        for place, shipments in missing.items():
            for shipment in shipments:
                wanted[shipment] |= made[place]
        return wanted

    def _number_keys(self):
        """Return {number as it is compared: as it is written}."""
        keys = {key_of(number): number for number in self._tracking_numbers()}
        keys.pop("", None)
        return keys

    def _known_parcels(self, keys):
        """Return {(company, number, carrier): the newest parcel}, by one query."""
        parcels = self.env["order.shipment.parcel"].search(
            [("company_id", "in", self.company_id.ids), ("number_key", "in", sorted(keys))],
            order="incarnation",
        )
        return {(one.company_id.id, one.number_key, one.carrier_id.id): one for one in parcels}

    def _parcel_of(self, key, known):
        """Return the parcel of this shipment that has the number; none where it is new, or used again."""
        mine = self.parcel_ids.filtered(lambda parcel: parcel.number_key == key)
        if mine.carrier_id == self.carrier_id and len(mine) == 1:
            return mine
        same = known.get((self.company_id.id, key, self.carrier_id.id))
        if same and not same._is_used_up(self.shipped_at or fields.Datetime.now()):
            return same
        if len(mine) == 1 and mine.shipment_ids == self and not same:
            mine.write({"carrier_id": self.carrier_id.id})
            return mine
        return self.env["order.shipment.parcel"]

    def _make_parcels(self, missing, known, numbers):
        """Return {(company, number, carrier): new parcel}: one for each, however many shipments have it."""
        parcels, now = self.env["order.shipment.parcel"], fields.Datetime.now()
        made = parcels.create(
            [
                {
                    "number": numbers[shipments[0]][key],
                    "number_key": key,
                    "incarnation": known.get((company, key, carrier), parcels).incarnation + 1,
                    "company_id": company,
                    "carrier_id": carrier,
                    "shipped_at": shipments[0].shipped_at or now,
                }
                for (company, key, carrier), shipments in missing.items()
            ]
        )
        return dict(zip(missing, made, strict=True))


class OrderShipmentParcel(models.Model):
    _inherit = "order.shipment.parcel"

    def _leave(self):
        """These are in no shipment any more, or in one less; nobody asks for what is in none."""
        left = self.filtered(lambda parcel: not parcel.shipment_ids)
        without = left.filtered(lambda parcel: not parcel.event_count)
        (left - without).write({"next_poll_at": False, "subscription": "ended"})
        without.unlink()

    def _is_used_up(self, shipped_at):
        """Tell whether what leaves then under the same number is another parcel.

        One given up long ago has come to its end as well, for all we know.
        """
        closed_at = self.delivered_at or self.status_since or self.last_event_at
        return (
            self.status in (*OVER, Status.EXPIRED.value)
            and bool(closed_at)
            and closed_at < shipped_at - timedelta(days=REUSED_AFTER_DAYS)
        )

    def _sync_provider(self):
        """Decide who is asked for these, and how; parcels that have arrived are left alone."""
        now = fields.Datetime.now()
        by_choice = defaultdict(self.browse)
        for parcel in self.filtered(lambda one: one.status not in OVER):
            by_choice[parcel.carrier_id, parcel.company_id] |= parcel
        for (carrier, company), parcels in by_choice.items():
            provider, code = carrier._tracking_provider(company)
            moved = parcels.filtered(lambda one, to=provider: one.provider_id != to)
            recoded = parcels.filtered(lambda one, to=code: (one.carrier_code or "") != to)
            vals = {"provider_id": provider.id, "carrier_code": code or False}
            (moved | recoded).write(vals)
            (moved | recoded)._forget_answers()
            parcels._sync_mode(provider, now)
            # Somebody has mended what was refused: it need not wait as long as that does.
            mended = (recoded - moved).filtered("next_poll_at")
            if mended and provider:
                mended._ask_soon()

    def _forget_answers(self):
        """What one provider has called these, or announced them as by one code, is nothing to another."""
        self.write(
            {
                "external_ref": False,
                "history_hash": False,
                "fail_count": 0,
                "trouble": False,
                "trouble_message": False,
                "subscription": "none",
                "subscribe_at": False,
            }
        )

    def _sync_mode(self, provider, now):
        """Ask for these and be told of them as the provider's mode has it."""
        told = provider and provider._announces()
        if not provider or provider.mode == "push":
            self.filtered("next_poll_at").write({"next_poll_at": False})
        else:
            self.filtered(lambda one: not one.next_poll_at).write({"next_poll_at": now + FIRST_POLL})
        if told:
            fresh = self.filtered(lambda one: one.subscription in ("none", "ended", False))
            fresh.write({"subscription": "wanted", "subscribe_at": now})
        else:
            self.filtered(lambda one: one.subscription == "wanted").write({"subscription": "none"})


class DeliveryCarrier(models.Model):
    _inherit = "delivery.carrier"

    def _tracking_code(self, company):
        """Return what the first provider of the company that knows this carrier calls it."""
        # Both inactive providers and those of other companies know nothing of our parcels.
        return self.env["order.tracking.carrier.code"].search(
            [
                ("carrier_id", "=", self.id),
                ("company_id", "=", company.id),
                ("provider_id.active", "=", True),
            ],
            limit=1,
        )

    def _tracking_provider(self, company):
        """Return (provider, code there) for parcels of this method; no provider where nobody knows."""
        providers = self.env["order.tracking.provider"]
        if not self:
            return providers, ""
        if code := self._tracking_code(company):
            return code.provider_id, code.code or ""
        if self._tracks_itself():
            own = [("company_id", "=", company.id), ("kind", "=", "method")]
            return providers.search(own, limit=1), ""
        return providers, ""


class OrderTrackingProvider(models.Model):
    _inherit = "order.tracking.provider"

    @api.model_create_multi
    def create(self, vals_list):
        providers = super().create(vals_list)
        # Those with carriers of their own have them by now, or get them by records of their own.
        for provider in providers.filtered(lambda one: one.kind == "method" and one.active):
            carriers = self.env["delivery.carrier"].search(
                [("company_id", "in", (False, provider.company_id.id))]
            )
            # sudo: parcels follow from how the account is set up
            provider.sudo()._sync_parcels(carriers.filtered(lambda carrier: carrier._tracks_itself()))
        return providers

    def write(self, vals):
        of_another_kind = self.filtered(lambda one: one.kind != vals.get("kind", one.kind))
        result = super().write(vals)
        if of_another_kind:
            # sudo: parcels follow from how the account is set up
            self.env["order.shipment.parcel"].sudo().search(
                [("provider_id", "in", of_another_kind.ids), ("status", "not in", OVER)]
            )._forget_answers()
        if {"active", "mode", "kind", "sequence", "company_id"} & vals.keys():
            self.sudo()._sync_parcels()  # sudo: parcels follow from how the account is set up
        return result

    def _sync_parcels(self, carriers=None):
        """Decide again who is asked for the open parcels of these providers and their carriers."""
        parcels = self.env["order.shipment.parcel"]
        carriers = (carriers or self.env["delivery.carrier"]) | self.carrier_code_ids.carrier_id
        open_ones = parcels.search(
            [
                ("status", "not in", OVER),
                *("|", ("provider_id", "in", self.ids), ("carrier_id", "in", carriers.ids)),
            ]
        )
        open_ones._sync_provider()


class OrderTrackingCarrierCode(models.Model):
    _inherit = "order.tracking.carrier.code"

    @api.model_create_multi
    def create(self, vals_list):
        codes = super().create(vals_list)
        codes.sudo().provider_id._sync_parcels()  # sudo: see the provider
        return codes

    def write(self, vals):
        providers, carriers = self.sudo().provider_id, self.sudo().carrier_id  # sudo: see the provider
        result = super().write(vals)
        (providers | self.sudo().provider_id)._sync_parcels(carriers)  # sudo: see the provider
        return result

    def unlink(self):
        providers, carriers = self.sudo().provider_id, self.sudo().carrier_id  # sudo: see the provider
        result = super().unlink()
        providers._sync_parcels(carriers)
        return result
