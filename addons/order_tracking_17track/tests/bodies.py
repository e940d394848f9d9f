"""Bodies of the shapes 17TRACK documents (v2.4)."""

CARRIER = 100002


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def event(at, sub_status, text="", place="", **more):
    return {
        "time_iso": at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "time_utc": stamp(at),
        "time_raw": {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}", "timezone": "+00:00"},
        "description": text,
        "location": place,
        "stage": None,
        "sub_status": sub_status,
        "address": {"country": "US", "state": None, "city": place, "postal_code": None},
        **more,
    }


def parcel(number, events, carrier=CARRIER, tag=None, eta=None, more_providers=()):
    """Return what is accepted of one number; ``events`` newest first, as they come."""
    last = events[0] if events else None
    return {
        "number": number,
        "carrier": carrier,
        "param": None,
        "tag": tag,
        "track_info": {
            "shipping_info": {"shipper_address": {"country": "US"}, "recipient_address": {"country": "CA"}},
            "latest_status": {
                "status": last["sub_status"].split("_")[0] if last else "NotFound",
                "sub_status": last["sub_status"] if last else "NotFound_Other",
                "sub_status_descr": None,
            },
            "latest_event": last,
            "time_metrics": {
                "days_after_order": 1,
                "days_of_transit": 1,
                "estimated_delivery_date": {"source": "Official", "from": eta, "to": eta},
            },
            "milestone": [{"key_stage": "InfoReceived", "time_iso": None, "time_utc": None}],
            "misc_info": {"risk_factor": 0, "service_type": None},
            "tracking": {
                "providers_hash": 1,
                "providers": [
                    {
                        "provider": {"key": carrier, "name": "UPS"},
                        "provider_lang": None,
                        "latest_sync_status": "Success",
                        "events_hash": 99,
                        "events": events,
                    },
                    *more_providers,
                ],
            },
        },
    }


def envelope(accepted=(), rejected=()):
    return {"code": 0, "data": {"accepted": list(accepted), "rejected": list(rejected)}}


def rejected(number, code, message="No."):
    return {"number": number, "carrier": CARRIER, "error": {"code": code, "message": message}}


def refusal(code, message="No."):
    return {"code": code, "data": {"errors": [{"code": code, "message": message}]}}
