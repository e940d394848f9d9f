"""Into which waves transfers go: one for each departure and kind of work, the urgent in their own."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

# Urgent orders of departures within this time are begun at once.
SOON = timedelta(days=1)


class Key(NamedTuple):
    """What the transfers of a wave have in common; ``prompt``: it is released at once."""

    departure: int
    kind: int
    urgent: bool
    prompt: bool


class Waves:
    """Compares the waves that should be with those that are; ``moves`` is the difference."""

    def __init__(self, facts, decided):
        self.facts = facts
        self.env = facts.env
        self.next = self._next_departures()
        self.moves = {}  # transfer: wave id, a new wave's (key, number), or False
        self.prompt = []
        groups = self._groups(decided)
        taken = set()
        for key in sorted(groups, key=lambda key: (*key[:3], not key.prompt)):
            self._fill(key, groups[key], taken)

    # ---------------------------------------------------------------- deciding
    def _groups(self, decided):
        """Return ``{Key: [transfer ids]}`` of what the plan puts into waves, the first to pick first."""
        at_once = self.facts.company.dispatch_release_urgent
        groups = defaultdict(list)
        for row in self.facts.rows.values():
            wave = self.facts.waves.get(row.batch)
            departure_id = decided[row.id]["departure_id"]
            if wave and self._is_kept(row, wave, departure_id):
                continue
            if departure_id:
                soon = self._is_soon(self.facts.departures[departure_id])
                prompt = bool(at_once and row.urgent and not row.missing and soon)
                groups[Key(departure_id, row.kind, bool(row.urgent), prompt)].append(row)
            elif wave and wave.departure:
                self.moves[row.id] = False
        for rows in groups.values():
            rows.sort(key=lambda row: (-row.score, row.id))
        return groups

    def _next_departures(self):
        """Return of each route when the next departure leaves that can still be made."""
        packed, found = self.facts.way.packed(self.facts.now), {}
        for departure in self.facts.departures.values():  # the earliest first
            if departure.cut_off >= packed:
                found.setdefault(departure.route, departure.departs)
        return found

    def _is_soon(self, departure):
        """Work for it may begin: it is the next one of its route, or leaves within a day.

        What is released stays where it is. An urgent order that is wanted next week is not begun today.
        """
        departs = departure.departs
        return departs <= max(self.next.get(departure.route, departs), self.facts.now + SOON)

    @staticmethod
    def _is_kept(row, wave, departure_id):
        """A person has put it there, or it is being worked on."""
        if not wave.departure:
            return True  # somebody's own batch
        if wave.departure != departure_id:
            return False
        return wave.state == "in_progress" or row.dispatch_by_hand == "moved" or not wave.planned

    def _fill(self, key, rows, taken):
        kind = self.env["stock.picking.type"].browse(key.kind)
        size = kind.batch_max_pickings or len(rows)
        open_waves = [
            wave.id
            for wave in self.facts.waves.values()
            if wave.planned
            and wave.state == "draft"
            and (wave.departure, wave.kind, wave.urgent) == key[:3]
            and wave.id not in taken
        ]
        for number, start in enumerate(range(0, len(rows), size)):
            wave = open_waves[number] if number < len(open_waves) else (key, number)
            taken.add(wave)
            if key.prompt:
                self.prompt.append(wave)
            for row in rows[start : start + size]:
                if row.batch != wave:
                    self.moves[row.id] = wave

    # ---------------------------------------------------------------- carrying out
    def carry_out(self, pickings):
        """Move these transfers; others are busy and come with the next run."""
        by_wave = defaultdict(list)
        for picking in pickings:
            if picking.id in self.moves:
                by_wave[self.moves[picking.id]].append(picking.id)
        made = self._make([wave for wave in by_wave if isinstance(wave, tuple)])
        left = self.env["stock.picking.batch"].browse(
            {row.batch for id_ in pickings.ids if (row := self.facts.rows[id_]).batch and id_ in self.moves}
        )
        for wave, ids in by_wave.items():
            batch_id = made[wave].id if wave in made else wave
            self.env["stock.picking"].browse(ids)._write_dispatch({"batch_id": batch_id})
        stale = [w.id for w in self.facts.waves.values() if w.planned and w.state == "draft"]
        (left | self.env["stock.picking.batch"].browse(stale))._remove_empty()
        self._release(made)

    def _make(self, keys):
        vals_list = [
            {
                "departure_id": key.departure,
                "picking_type_id": key.kind,
                "company_id": self.facts.company.id,
                "is_planned_wave": True,
                "is_urgent_wave": key.urgent,
            }
            for key, _number in keys
        ]
        batches = self.env["stock.picking.batch"]._create_waves(vals_list)
        return dict(zip(keys, batches, strict=True))

    def _release(self, made):
        ids = [
            made[wave].id if wave in made else wave
            for wave in self.prompt
            if wave in made or wave in self.facts.waves
        ]
        for batch in self.env["stock.picking.batch"].browse(ids).exists():
            if batch.state == "draft" and batch.picking_ids:
                batch._confirm_wave()
