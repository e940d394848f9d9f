"""Bodies of the shapes DHL documents (Shipment Tracking - Unified, 1.3 to 1.5)."""


def stamp(at):
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def event(at, code, status="", description=None, place="", **more):
    """Return an event; ``status`` is the division's own word."""
    return {
        "timestamp": at if isinstance(at, str) else stamp(at),
        "location": {"address": {"addressLocality": place, "countryCode": "DE"}},
        "statusCode": code,
        "status": status or code.upper(),
        "description": status if description is None else description,
        **more,
    }


def shipment(number, events, service="parcel-de", country="DE", postcode="10115", **more):
    """Return a shipment; its status is the first of the events, as they come newest first."""
    return {
        "id": number,
        "service": service,
        "origin": {"address": {"countryCode": "CN", "addressLocality": "Shanghai"}},
        "destination": {"address": {"countryCode": country, "postalCode": postcode}},
        "status": events[0] if events else {"statusCode": "unknown"},
        "details": {
            "product": {"productName": "DHL PAKET (parcel)"},
            "receiver": {"@type": "Person", "name": "Max Mustermann"},
            "proofOfDelivery": {"signed": {"@type": "Person", "name": "Max Mustermann"}},
            "totalNumberOfPieces": 1,
            "pieceIds": [],
        },
        "events": events,
        **more,
    }


def answer(*shipments):
    return {
        "url": "/shipments?trackingNumber=7777777770?offset=0&limit=5",
        "shipments": list(shipments),
        "possibleAdditionalShipmentsUrl": ["/shipments?trackingNumber=7777777770&service=parcel-nl"],
    }


def problem(status, detail, title="No result found", **more):
    """Return an error and its status, as a server says it."""
    return status, {"title": title, "detail": detail, "status": status, "instance": "/shipment/1", **more}


NOT_FOUND = problem(404, "No shipment with given tracking number found.")
