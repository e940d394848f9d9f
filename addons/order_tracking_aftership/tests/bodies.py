"""Bodies of the shapes AfterShip documents (2025-01 to 2026-07)."""


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def checkpoint(at, subtag, text="", place="", **more):
    return {
        "created_at": "2026-07-03T09:00:00+00:00",
        "slug": "ups",
        "checkpoint_time": at if isinstance(at, str) else stamp(at),
        "location": None,
        "city": place or None,
        "state": None,
        "postal_code": None,
        "coordinate": {"latitude": 1.5, "longitude": 2.5},
        "country_region": "DEU",
        "country_region_name": "Germany",
        "message": text,
        "tag": subtag.split("_")[0],
        "subtag": subtag,
        "subtag_message": "In words",
        "raw_tag": "X1",
        "events": [],
        "source": "carrier",
        **more,
    }


def tracking(number, checkpoints, slug="ups", key=None, **more):
    """Return a tracking; ``checkpoints`` oldest first, as they come."""
    last = checkpoints[-1] if checkpoints else {"tag": "Pending", "subtag": "Pending_001"}
    return {
        "id": f"id-{number}-{slug}",
        "legacy_id": None,
        "created_at": "2026-07-01T00:00:00+00:00",
        "updated_at": "2026-07-03T09:00:00+00:00",
        "tracking_number": number,
        "slug": slug,
        "active": True,
        "custom_fields": {"order_processing_parcel": str(key)} if key else None,
        "courier_estimated_delivery_date": None,
        "aftership_estimated_delivery_date": None,
        "latest_estimated_delivery": None,
        "signed_by": "Max Mustermann",
        "tag": last["tag"],
        "subtag": last["subtag"],
        "subtag_message": "In words",
        "return_to_sender": False,
        "checkpoints": checkpoints,
        **more,
    }


def envelope(*trackings, code=200):
    return {
        "meta": {"code": code},
        "data": {
            "pagination": {"total": len(trackings), "next_cursor": "", "has_next_page": False},
            "trackings": list(trackings),
        },
    }


def created(one, code=201):
    return code, {"meta": {"code": code}, "data": one}


def refusal(code, message="No.", status=400, data=None):
    """Return the status of an error and its body."""
    return status, {"meta": {"code": code, "message": message, "type": "BadRequest"}, "data": data or {}}


def pushed(one, event="tracking_update", **more):
    return {
        "event": event,
        "event_id": "c6e7be2c-e670-42fd-b59f-faf4e559e7d0",
        "is_tracking_first_tag": True,
        "msg": one,
        "ts": 1783069200,
        **more,
    }
